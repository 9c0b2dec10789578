#!/usr/bin/env bash
# Measures the engine against what is asked of it: installs what is missing, builds, runs the
# benchmarks, prints a table and then the same as JSON. Exit code 1 where a row is missed.
#   bash tests/benchmarks/run.sh [--json]      --json: the JSON alone
# Progress goes to stderr.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

progress() { printf '== %s (%d s since the start)\n' "$1" "$SECONDS" >&2; }

# Packages that building and testing take anyway, then those of the benchmarks.
bash apps/install_packages.sh cmake ninja-build g++ libeigen3-dev libspdlog-dev libcli11-dev \
  nlohmann-json3-dev libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev >&2
bash apps/install_packages.sh libtorch-dev >&2 ||
  echo "warning: libtorch-dev could not be installed; its rows will be skipped" >&2

progress "build"
cmake --preset release >/dev/null
targets=(tapewise_benchmarks benchmark_table)
with_torch=$(grep -c '^build torch_benchmarks:' build/release/build.ninja || true)
[[ $with_torch -eq 0 ]] || targets+=(torch_benchmarks)
cmake --build --preset release --parallel "$(nproc)" --target "${targets[@]}" >&2

programs=build/release/tests/benchmarks
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT

# measure PROGRAM NAME [FLAG...]: many short repetitions in random order, so that what disturbs the
# machine for a while meets all of them alike, and some of each are not disturbed.
measure() {
  progress "$1, $2"
  "$programs/$1" --benchmark_repetitions=50 --benchmark_min_time=0.005 \
    --benchmark_enable_random_interleaving=true --benchmark_out_format=json \
    --benchmark_out="$found/$2.json" "${@:3}" >/dev/null 2>&1
}
# In a process of its own: memory of other benchmarks would count.
measure tapewise_benchmarks memory --benchmark_filter='^memory/'
measure tapewise_benchmarks times --benchmark_filter='-^memory/'
[[ $with_torch -eq 0 ]] || measure torch_benchmarks libtorch
progress "done"
"$programs/benchmark_table" "$@" "$found"/{memory,times}.json $([[ $with_torch -eq 0 ]] || echo "$found/libtorch.json")
