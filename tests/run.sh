#!/usr/bin/env bash
# Everything that must hold before a commit: installs what is missing, checks the format, builds,
# passes the tests, lints, fuzzes, and passes the tests again under the sanitizers.
#   bash tests/run.sh [--long]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=$(nproc)

usage="usage: bash tests/run.sh [--long]
Installs what is missing, checks the format, builds the release and passes its tests, lints, fuzzes
the readers of CSV, of models and of numbers for 5 seconds each, and passes the tests again under the
sanitizers. Exit code 0 only if all of it holds.
  --long  fuzz for a minute each; compare fits with R's and steps with PyTorch's
  --help  print this"
long=false
fuzz_seconds=5
for argument in "$@"; do
  case $argument in
    --long)
      long=true
      fuzz_seconds=60
      ;;
    --help)
      echo "$usage"
      exit 0
      ;;
    *)
      printf 'error: there is no %s\n%s\n' "$argument" "$usage" >&2
      exit 2
      ;;
  esac
done

stage() { printf '\n== %s (%d s since the start)\n' "$1" "$SECONDS"; }

build() {
  stage "$1: build"
  cmake --preset "$1" >/dev/null
  cmake --build --preset "$1" --parallel "$jobs"
}

# Leaves ctest's own report as the last thing printed.
run_tests() {
  stage "$1: tests"
  ctest --preset "$1" --parallel "$jobs" --no-tests=error --output-on-failure \
    --output-junit "$PWD/build/$1/tests.xml"
}

bash apps/install_packages.sh cmake ninja-build g++ libeigen3-dev libspdlog-dev libcli11-dev \
  nlohmann-json3-dev liblbfgspp-dev libssl-dev coinor-libclp-dev libonnx-dev libprotobuf-dev \
  libncurses-dev libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev \
  clang-format-14 clang-tidy-14 libomp-dev clang-14 libclang-rt-14-dev \
  dpkg-dev file groff-base zsh fish tmux graphviz texlive-latex-base python3-jsonschema

# While the release is built, since where npm is missing it takes a minute to install.
mkdir -p build
bash tests/fetch_csv_spectrum.sh >build/csv-spectrum.log 2>&1 &
fetching=$!

stage "format"
# clang-format-14 -i puts right what this complains about.
find autograd models apps tests \( -name '*.h' -o -name '*.cpp' \) -print0 |
  xargs -0 -r clang-format-14 --dry-run -Werror

build release
fetched=0
wait "$fetching" || fetched=$?
cat build/csv-spectrum.log
[[ $fetched -eq 0 ]] || exit "$fetched"
run_tests release

stage "lint"
bash tests/tidy.sh build/release

if $long; then
  stage "comparisons with other software"
  bash tests/long/run.sh build/release
fi

# The tests last, so that the output ends with ctest's own closing lines.
build asan
stage "fuzz"
bash tests/fuzz/run.sh "$fuzz_seconds"
run_tests asan
