#!/usr/bin/env bash
# clang-tidy over autograd/, models/ and apps/, with the flags a finished build compiled them with.
#   bash tests/tidy.sh BUILD_FOLDER
# A file that passed is not looked at again until it or a .clang-tidy changes: a source is checked by
# itself, a header through the smallest source that includes it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$1
export build

# Below the build folder, where what is written there finds .clang-tidy.
work=$(mktemp -d "$PWD/$build/tidy-XXXXXX")
export work
trap 'rm -rf "$work"' EXIT

passed=$build/tidy-passed-$(cat .clang-tidy apps/.clang-tidy | sha256sum | head -c 16)
touch "$passed"

# The compiler's precompiled headers are not Clang's.
sed 's/ -Winvalid-pch -include [^ ]*cmake_pch\.hxx//' "$build/compile_commands.json" \
  >"$work/compile_commands.json"

# now: the files as they are. stale: those that have not passed like this.
find autograd models apps \( -name '*.h' -o -name '*.cpp' \) -exec sha256sum {} + |
  LC_ALL=C sort >"$work/now"
LC_ALL=C sort "$passed" | LC_ALL=C comm -23 "$work/now" - | cut -c 67- >"$work/stale"

# includes: a line "source <tab> file of ours" for all that each source was compiled from. A compiler
# cache may have written paths as they are seen from the build folder.
ninja -C "$build" -t deps | awk -v root="$PWD/" -v up="$(realpath --relative-to="$build" .)/" '
  /^[^ ]/ { source = ""; next }
  {
    sub(/^ +/, "")
    file = index($0, root) == 1 ? substr($0, length(root) + 1) : \
           index($0, up) == 1 ? substr($0, length(up) + 1) : ""
    if (source == "") source = file == "" ? "?" : file
    if (source ~ /^(autograd|models|apps)\// && file != "") print source "\t" file
  }' >"$work/includes"

# chosen: every stale source, and for each other stale header one source.
awk -F '\t' '
  FILENAME == ARGV[1] { stale[$0]; next }
  { size[$1]++; of[$1] = of[$1] "\n" $2 }
  function choose(source,    files, n, i) {
    if (source in chosen) return
    chosen[source]; print source
    n = split(of[source], files, "\n")
    for (i = 1; i <= n; i++) covered[files[i]]
  }
  END {
    for (file in stale) if (file in size) choose(file)
    for (file in stale) if (!(file in covered)) {
      best = ""
      for (source in of)
        if (index(of[source] "\n", "\n" file "\n") && (best == "" || size[source] < size[best]))
          best = source
      if (best != "") choose(best)
      else if (file ~ /\.cpp$/) { print "NOT COMPILED: " file >"/dev/stderr"; missing = 1 }
      else print "note: no compiled source includes " file >"/dev/stderr"
    }
    exit missing
  }' "$work/stale" "$work/includes" >"$work/chosen"

LC_ALL=C sort -o "$work/chosen" "$work/chosen"

# A list N.sources for each folder, and in it for each set of flags.
awk -v work="$work" -v root="$PWD/" '
  FILENAME == ARGV[1] {
    if (/^ *"command": /) { flags = $0; sub(/ -o .*/, "", flags) }
    if (/^ *"file": /) { split($0, part, "\""); flags_of[part[4]] = flags }
    next
  }
  {
    folder = $0
    sub(/\/[^\/]*$/, "", folder)
    key = folder flags_of[root $0]
    if (!(key in list)) list[key] = ++lists
    print >(work "/" list[key] ".sources")
  }' "$work/compile_commands.json" "$work/chosen"

# check SOURCE
# shellcheck disable=SC2317  # check_folder calls it, below
check() {
  if report=$(clang-tidy-14 -p "$work" --quiet "$1" 2>&1); then
    echo "tidy: $1"
    echo "$1" >>"$work/good"
  else
    printf 'NOT TIDY: %s\n%s\n' "$1" "$(grep -v 'warnings.* generated\.$' <<<"$report")"
    return 1
  fi
}

# check_folder LIST: its sources as one, which takes a fifth of the time, since most of it goes into the
# headers they share; where anything is found, or they cannot be compiled as one, each by itself.
# Names that hide another source's are found by the release build.
# shellcheck disable=SC2317  # xargs calls it, below
check_folder() {
  local name=${1%.sources} first source status=0
  first=$PWD/$(head -n 1 "$1")
  mkdir "$name"
  sed "s|.*|#include \"$PWD/&\"  // NOLINT(bugprone-suspicious-include)|" "$1" >"$name/all.cpp"
  sed "s|$first|$name/all.cpp|g" "$work/compile_commands.json" >"$name/compile_commands.json"
  if clang-tidy-14 -p "$name" --quiet --extra-arg=-Wno-shadow "$name/all.cpp" >/dev/null 2>&1; then
    sed 's/^/tidy: /' "$1"
    cat "$1" >>"$work/good"
    return
  fi
  while read -r source; do
    check "$source" || status=1
  done <"$1"
  return $status
}
export -f check check_folder

touch "$work/good"
status=0
# shellcheck disable=SC2016  # the inner bash expands it
find "$work" -name '*.sources' -size +0 -print0 |
  xargs -0 -r -n 1 -P "$(nproc)" bash -c 'check_folder "$1"' check_folder || status=1

# What a good source was made of has passed, as it was when we began.
awk -F '\t' 'FILENAME == ARGV[1] { good[$0]; next } $1 in good { print $2 }' \
  "$work/good" "$work/includes" >"$work/seen"
awk 'FILENAME == ARGV[1] { seen[$0]; next } substr($0, 67) in seen' "$work/seen" "$work/now" >>"$passed"
exit $status
