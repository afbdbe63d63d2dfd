# A bash in which every command records its arguments instead of doing anything. Those that carry a command further
# (ssh, vsh, sh, sudo, cros_sdk, gdb) record themselves without it, and then hand it on exactly as the real ones do.
#
#   bash recorder.bash RECORDS ERRORS STATUS DIRECTORY < cases
#
# Cases are pairs of NUL-terminated strings: a name, which is also a folder in DIRECTORY, and a script that runs there.
# A record is NUL-terminated strings: how many words, the case, the words. The last of a case is "exit" and its status.
# STATUS is what recorders return.

exec 8>>"$1" 9>>"$2"
recorder_status=$3
recorder_directory=$4
recorder_base64=$(type -P base64)
PATH=/nonexistent

record() {
  builtin printf '%s\0' "$(($# + 1))" "$recorder_case" "$@" >&8
  return "$recorder_status"
}

command_not_found_handle() { record "$@"; }

# Words that are executed as they are, without a shell.
execute() {
  case $1 in
    */*) record "$@" ;;
    *) "$@" ;;
  esac
}

# A shell of its own for a command line: without the options of this one.
interpret() {
  local recorder_line=$1
  (
    set +eu +o pipefail
    set --
    eval "$recorder_line"
  )
}

# Builtins whose arguments matter. What printf prints is part of commands; quote() calls it, too.
cd() { record cd "$@"; }
echo() { record echo "$@"; }
# What would be ended has recorded itself first.
kill() { wait; }
exec() {
  "$@"
  exit
}
printf() {
  [[ $1 == "%s'%s'" ]] || record printf "$@"
  builtin printf "$@"
}

# What it reads tells which file that is (recorder.ts).
sha256sum() {
  local text=''
  IFS= read -r -d '' text || :
  record sha256sum "$@" "$text"
}

# What it encodes is decoded again.
base64() {
  record base64 "$@"
  "$recorder_base64" "$@"
}

# It is told the user by its environment.
vmc() { record vmc "$@" "${CROS_USER_ID_HASH-}"; }

# It joins its words with blanks, and a shell over there takes them apart again (chromeos-facts.md section 10).
ssh() {
  local options=() host=''
  while (($#)); do
    case $1 in
      --) shift && break ;;
      -[pLo]) options+=("$1" "$2") && shift ;;
      -*) options+=("$1") ;;
      *)
        [[ -z $host ]] || break
        host=$1
        ;;
    esac
    shift
  done
  record ssh "${options[@]}" "$host"
  (($# == 0)) || interpret "$*"
}

# It executes its words as they are, after settings of the environment (chromeos-facts.md section 1.2).
vsh() {
  local flags=()
  while (($#)) && [[ $1 != -- ]]; do
    flags+=("$1")
    shift
  done
  shift
  while [[ ${1-} =~ ^[^=]+=[^=]+$ ]]; do
    flags+=("$1")
    shift
  done
  record vsh "${flags[@]}"
  (($# == 0)) || execute "$@"
}

sh() {
  local script
  if [[ ${1-} == -c ]]; then
    record sh -c "${@:3}"
    script=$2
  else
    IFS= read -r -d '' script || :
    record sh "$@"
  fi
  (
    set +eu +o pipefail
    (($# < 3)) || BASH_ARGV0=$3
    set -- "${@:4}"
    eval "$script"
  )
}

bash() { sh "$@"; }

sudo() {
  record sudo
  execute "$@"
}

# Its enter_chroot.sh puts each word between single quotes for an eval; then sudo -i puts a backslash before all but
# letters, digits, _ - $ and gives the line to a login shell.
cros_sdk() {
  local line='' word index
  for word; do line+=" '$word'"; done
  eval "set -- $line"
  line=''
  for word; do
    line+=' '
    for ((index = 0; index < ${#word}; index++)); do
      [[ ${word:index:1} == [a-zA-Z0-9_\$-] ]] || line+='\'
      line+=${word:index:1}
    done
  done
  record cros_sdk
  interpret "$line"
}

# Its "target remote | …" is a command line for a shell.
gdb() {
  if [[ ${1-} == -ex && $2 == 'target remote | '* ]]; then
    record gdb -ex "${@:3}"
    interpret "${2#*| }"
  else
    record gdb "$@"
  fi
}

while IFS= read -r -d '' recorder_case && IFS= read -r -d '' recorder_script; do
  (
    builtin cd -- "$recorder_directory/$recorder_case" || exit
    eval "$recorder_script"
    recorder_end=$?
    wait
    exit "$recorder_end"
  ) </dev/null >/dev/null 2>&9
  builtin printf '%s\0' 3 "$recorder_case" exit "$?" >&8
done
