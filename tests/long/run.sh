#!/usr/bin/env bash
# Fits and steps held against other software: R's glm, multinom, glmnet and brglm2, PyTorch's
# optimisers; exported models run by ONNX Runtime. Installs what is missing; the build must be complete.
#   bash tests/long/run.sh BUILD_FOLDER
# Exit code 0 only if all agree.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$1

bash apps/install_packages.sh r-base-core r-cran-boot r-cran-brglm2 r-cran-cardata r-cran-glmnet \
  r-cran-jsonlite r-cran-mass r-cran-nnet r-cran-rpart r-cran-survival python3-torch python3-pandas python3-sklearn

status=0
# Debian's R and Python: their packages need not be those of another that comes first on the path.
/usr/bin/Rscript tests/long/r_comparison.R "$build" || status=1
/usr/bin/python3 tests/long/optimisers.py "$build" || status=1
/usr/bin/python3 -W ignore tests/long/cross_validation.py "$build" || status=1
bash tests/long/onnx.sh "$build" || status=1
bash tests/long/kills.sh "$build" || status=1
exit "$status"
