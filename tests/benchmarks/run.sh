#!/usr/bin/env bash
# What is asked of the engine's speed and memory, measured: installs what is missing, builds, runs
# the benchmarks, prints a table of ratios and then the same as JSON. Progress goes to stderr.
#   bash tests/benchmarks/run.sh [--json]      --json: the JSON alone
# Exit code 0; 1 where a ratio is missed; 2 where it could not be measured.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
programs=build/release/tests/benchmarks

if [[ $# -gt 1 || ${1:---json} != --json ]]; then
  echo "usage: bash tests/benchmarks/run.sh [--json]" >&2
  exit 2
fi

stage() { printf '== %s (%d s since the start)\n' "$1" "$SECONDS" >&2; }
fail() {
  echo "error: $1" >&2
  exit 2
}

bash apps/install_packages.sh cmake ninja-build g++ libeigen3-dev libspdlog-dev libcli11-dev \
  nlohmann-json3-dev liblbfgspp-dev libssl-dev coinor-libclp-dev libonnx-dev libprotobuf-dev libgtest-dev libgmock-dev \
  librapidcheck-dev libbenchmark-dev >&2 ||
  fail "packages that it takes are missing"
# With the BLAS that makes it fast; the one it depends on is the reference implementation.
bash apps/install_packages.sh libtorch-dev libopenblas0-pthread >&2 || true

# Other readers of CSV files: Debian's pandas for Debian's Python, with scikit-learn to fit, DuckDB from npm. This version of it,
# and into build/.
duckdb=@duckdb/node-api@1.5.6-r.1
node_packages=$PWD/build/benchmarks/node
skipped() { echo "WARNING: $1: rows that compare with it are skipped" >&2; }
bash apps/install_packages.sh python3-pandas python3-sklearn >&2 || true
has_pandas=true
/usr/bin/python3 -c 'import pandas' 2>/dev/null || {
  has_pandas=false
  skipped "python3-pandas is not there and could not be installed"
}
has_sklearn=true
/usr/bin/python3 -c 'import pandas, sklearn' 2>/dev/null || {
  has_sklearn=false
  skipped "python3-sklearn is not there and could not be installed"
}
export NODE_PATH=$node_packages/node_modules
duckdb_loads() { node -e 'require("@duckdb/node-api")' 2>/dev/null; }
install_duckdb() {
  command -v npm >/dev/null || bash apps/install_packages.sh nodejs npm >&2 || return
  mkdir -p "$node_packages"
  echo "Installing: $duckdb from npm into ${node_packages#"$PWD/"}" >&2
  npm install --prefix "$node_packages" --no-save --no-audit --no-fund --ignore-scripts "$duckdb" >&2
}
duckdb_loads || install_duckdb || true
has_duckdb=true
duckdb_loads || {
  has_duckdb=false
  skipped "$duckdb is not there and could not be installed"
}

stage "build"
cmake --preset release >/dev/null || fail "it cannot be configured"
targets=(tapewise tapewise_benchmarks benchmark_table)
if grep -q '^build torch_benchmarks:' build/release/build.ninja; then
  has_libtorch=true
  targets+=(torch_benchmarks)
else
  has_libtorch=false
  skipped "libtorch-dev is not there and could not be installed"
fi
cmake --build --preset release --parallel "$(nproc)" --target "${targets[@]}" >&2 ||
  fail "it does not build"

# Ticks, a hundredth of a second each: the processors' that were busy or stolen, this script's children's,
# and of the clock.
ticks() {
  awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 + $9 }' /proc/stat
  awk '{ print $16 + $17 }' "/proc/$$/stat"
  awk '{ print 100 * $1 }' /proc/uptime
}

found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT

# measure NAME PROGRAM [FLAG...]: many short repetitions in random order, so that each benchmark finds
# moments in which the machine does nothing else.
measure() {
  stage "measure: $1"
  "$programs/$2" --benchmark_repetitions=17 --benchmark_min_time=0.005 \
    --benchmark_enable_random_interleaving=true --benchmark_out_format=json \
    --benchmark_out="$found/$1.json" "${@:3}" &>"$found/log" || {
    cat "$found/log" >&2
    fail "$2 did not come to its end"
  }
}

# measure_other NAME COMMAND...: three repetitions of another program that reads the file.
measure_other() {
  stage "measure: $1"
  "${@:2}" "$found/tapewise_500000.csv" 3 >"$found/$1.json" 2>"$found/log" || {
    cat "$found/log" >&2
    fail "$1 did not come to its end"
  }
}

mapfile -t before < <(ticks)
# In a process of its own, in which nothing has run before.
measure memory tapewise_benchmarks --benchmark_filter='^memory/'
# In turns, so that what disturbs one side for a while disturbs the other as well.
for round in 1 2 3; do
  measure "tapewise-$round" tapewise_benchmarks --benchmark_filter='-^(memory|csv)/'
  ! $has_libtorch || measure "libtorch-$round" torch_benchmarks
done
# The first makes the files.
export TMPDIR=$found
for round in 1 2 3; do
  measure "csv-$round" tapewise_benchmarks --benchmark_filter='^csv/'
  if $has_pandas; then
    measure_other "pandas-$round" /usr/bin/python3 tests/benchmarks/pandas_benchmark.py
  fi
  if $has_duckdb; then
    measure_other "duckdb-$round" node tests/benchmarks/duckdb_benchmark.js
  fi
done
if $has_sklearn; then
  stage "measure: whole commands"
  /usr/bin/python3 tests/benchmarks/command_benchmark.py build/release/apps/tapewise \
    "$found/tapewise_500000.csv" tests/data/iris.csv 7 >"$found/command.json" 2>"$found/log" || {
    cat "$found/log" >&2
    fail "command_benchmark.py did not come to its end"
  }
fi
mapfile -t after < <(ticks)
others=$(printf '%s\n' "${before[@]}" "${after[@]}" |
  awk '{ t[NR] = $1 } END { printf "%.2f", ((t[4] - t[1]) - (t[5] - t[2])) / (t[6] - t[3]) }')
stage "measured"

"$programs/benchmark_table" --others "$others" "$@" "$found"/*.json
