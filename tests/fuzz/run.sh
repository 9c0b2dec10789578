#!/usr/bin/env bash
# Builds the fuzzers and runs each for so many seconds, all at once, from the files of its corpus.
#   bash tests/fuzz/run.sh SECONDS [csv] [model] [number]
# An input that breaks a promise is kept in build/fuzz/finds/, and the exit code is 1. Those that
# reached something new are in build/fuzz/reached/ until the next run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
  echo "usage: bash tests/fuzz/run.sh SECONDS [csv] [model] [number]" >&2
  exit 2
}
[[ ${1-} =~ ^[1-9][0-9]*$ ]] || usage
seconds=$1
shift
names=("$@")
[[ $# -gt 0 ]] || names=(csv model number)
for name in "${names[@]}"; do
  [[ -d tests/fuzz/corpus/$name ]] || usage
done

work=build/fuzz
cmake --preset asan >/dev/null
cmake --build --preset asan --parallel "$(nproc)" --target "${names[@]/%/_fuzzer}"
mkdir -p "$work/finds"

fuzzers=()
for name in "${names[@]}"; do
  rm -rf "$work/reached/$name"
  mkdir -p "$work/reached/$name"
  "build/asan/tests/fuzz/${name}_fuzzer" -max_total_time="$seconds" -timeout=10 \
    -artifact_prefix="$work/finds/$name-" "$work/reached/$name" "tests/fuzz/corpus/$name" \
    >"$work/$name.log" 2>&1 &
  fuzzers+=($!)
done

status=0
for i in "${!names[@]}"; do
  log=$work/${names[i]}.log
  if wait "${fuzzers[i]}"; then
    echo "${names[i]}: $(grep -a '^Done' "$log"), no find"
  else
    status=1
    tail -n 60 "$log"
    echo "error: a find of the ${names[i]} fuzzer: the input is in $PWD/$work/finds/, all that was" \
      "said in $PWD/$log; what to do with it is in tests/fuzz/README.md" >&2
  fi
done
exit $status
