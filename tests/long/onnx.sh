#!/usr/bin/env bash
# Exported ONNX models run by ONNX Runtime and held against predict. Installs npm's onnxruntime-node
# below build/, without running its scripts: its library for the CPU is in the package.
#   bash tests/long/onnx.sh BUILD_FOLDER
# Exit code 0 only if all agree.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$(realpath "$1")

command -v npm > /dev/null || bash apps/install_packages.sh nodejs npm
modules=$build/onnxruntime
mkdir -p "$modules"
if [ ! -d "$modules/node_modules/onnxruntime-node" ]; then
  npm install --prefix "$modules" --ignore-scripts --no-audit --no-fund onnxruntime-node
fi
NODE_PATH="$modules/node_modules" node tests/long/onnx.js "$build"
