#!/usr/bin/env bash
# Fetches csv-spectrum, a public conformance suite for readers of CSV, from the npm registry into
# build/csv-spectrum; does nothing, quickly, when it is there.
#   bash tests/fetch_csv_spectrum.sh
# Where it cannot be fetched its test is skipped, with a word here on stderr and among ctest's closing
# lines. Where it is not what it was the exit code is 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

package=csv-spectrum@2.0.0
integrity=sha512-gjW9YEAkcrJo4AEdrV9+4lkUXlOyYyC+1Ap3efzMiUUs1OTdZ29VraBZNBBKZK7iiUkbMNkUmfKp/jnayzHxAA==
folder=build/csv-spectrum

[[ $(cat "$folder/integrity" 2>/dev/null || true) != "$integrity" ]] || exit 0

mkdir -p build
work=$(mktemp -d build/csv-spectrum-XXXXXX)
trap 'rm -rf "$work"' EXIT

fetch() {
  command -v npm >/dev/null || bash apps/install_packages.sh npm || return 1
  npm pack "$package" --ignore-scripts --pack-destination "$work" --loglevel=error \
    --no-update-notifier --fetch-retries=1 --fetch-timeout=20000 >/dev/null
}

if ! fetch; then
  echo "warning: $package could not be fetched from the npm registry. Is there a network?" >&2
  echo "The test of its cases is skipped." >&2
  exit 0
fi

archive=$work/${package/@/-}.tgz
sum=$(base64 --decode <<<"${integrity#sha512-}" | od -An -v -t x1 | tr -d ' \n')
if ! sha512sum --check --status <<<"$sum  $archive"; then
  echo "error: $package is not what it was: its integrity is not $integrity" >&2
  exit 1
fi
tar -xzf "$archive" -C "$work"
echo "$integrity" >"$work/package/integrity"
rm -rf "$folder"
mv "$work/package" "$folder"
