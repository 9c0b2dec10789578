#!/usr/bin/env bash
# Kills training a thousand times at random moments and lets it go on: the models must be those of
# training that was never stopped, byte for byte, and every file must be whole.
#   bash tests/long/kills.sh BUILD_FOLDER
# Exit code 0 only if they are.
set -euo pipefail
TAPEWISE_KILLS=1000 "$1/tests/apps_tests" --gtest_filter='Kills.*'
