#!/usr/bin/env bash
# Installs those of the named Debian packages that are missing; does nothing, quickly, when none is.
#   bash apps/install_packages.sh PACKAGE...
set -euo pipefail

missing=()
for package in "$@"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  # Without dpkg everything counts as missing; the message below then lists it.
  [[ $status == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "error: there is no apt-get here. Install the equivalents of these Debian 12 packages," >&2
  echo "then build with 'cmake --preset release && cmake --build --preset release':" >&2
  echo "  ${missing[*]}" >&2
  exit 1
fi

as_root=()
if [[ $EUID -ne 0 ]]; then
  # Without a terminal sudo cannot ask for a password: it must work without one, or not at all.
  if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
    as_root=(sudo)
  else
    echo "error: packages are missing, and installing them takes root or sudo. As root, run:" >&2
    echo "  apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -q "$@" </dev/null
}

echo "Installing: ${missing[*]}"
# One source that does not answer need not matter; what matters is whether the packages are found.
apt update || echo "warning: apt-get update did not succeed; going on with the lists there are" >&2
apt install --yes --no-install-recommends "${missing[@]}"
