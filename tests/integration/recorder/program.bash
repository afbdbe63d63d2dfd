#!/bin/bash
# A program that records how it was called, named as the program that it stands for: for commands that cross a real ssh.
# Those that carry a command further hand it on as in recorder.bash. RECORDS is the file for records: each is
# NUL-terminated strings, the number of words, then the words.

record() { printf '%s\0' "$#" "$@" >>"$RECORDS"; }

# Words that are executed without a shell. A path names a program that this machine must not run.
execute() {
  case $1 in
    */*) record "$@" ;;
    *) exec "$@" ;;
  esac
}

name=${0##*/}
case $name in
  vsh)
    words=(vsh)
    while (($#)) && [[ $1 != -- ]]; do
      words+=("$1")
      shift
    done
    shift
    while [[ ${1-} =~ ^[^=]+=[^=]+$ ]]; do
      words+=("$1")
      shift
    done
    record "${words[@]}"
    (($# == 0)) || execute "$@"
    ;;
  sudo)
    record sudo
    execute "$@"
    ;;
  gdb)
    [[ ${2-} == 'target remote | '* ]] || { record gdb "$@" && exit; }
    record gdb -ex "${@:3}"
    exec sh -c "${2#*| }"
    ;;
  vmc) record vmc "$@" "${CROS_USER_ID_HASH-}" ;;
  sha256sum)
    IFS= read -r -d '' text
    record sha256sum "$@" "$text"
    ;;
  *) record "$name" "$@" ;;
esac
