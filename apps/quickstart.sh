#!/usr/bin/env bash
# From a fresh clone to a trained classifier: installs what is missing, builds the program, trains it
# on a CSV of this repository and predicts.
#   bash apps/quickstart.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

run() {
  printf '\n$' >&2
  printf ' %q' "$@" >&2
  printf '\n' >&2
  "$@"
}

bash apps/install_packages.sh cmake ninja-build g++ libeigen3-dev libspdlog-dev libcli11-dev \
  nlohmann-json3-dev liblbfgspp-dev libssl-dev coinor-libclp-dev libonnx-dev libprotobuf-dev \
  libncurses-dev

# A tree that is configured already is left as it is: it may have the tests in it.
if [[ ! -f build/release/build.ninja ]]; then
  run cmake --preset release -D TAPEWISE_BUILD_TESTS=OFF
fi
run cmake --build --preset release --parallel "$(nproc)" --target tapewise

program=build/release/apps/tapewise
data=tests/data/breast_cancer.csv
out=build/quickstart
mkdir -p "$out"

printf '\n' >&2
echo "The 30 features separate the classes completely, and then no best coefficients exist: the larger" >&2
echo "they are, the smaller is the loss. A small penalty on their size, --l2 0.01, makes one set the best." >&2
run "$program" train "$data" --target diagnosis --l2 0.01 -o "$out/breast_cancer.model.json"
run "$program" predict "$out/breast_cancer.model.json" "$data" -o "$out/predictions.csv"
run head -n 6 "$out/predictions.csv"

cat <<END

In $PWD:
  $out/breast_cancer.model.json   the model
  $out/predictions.csv            a label and a probability for every row

Next, with a CSV of your own (a header line, numbers, and one column with two labels):
  $program train yours.csv --target COLUMN -o yours.model.json
  $program predict yours.model.json more.csv -o predictions.csv
  $program --help
END
