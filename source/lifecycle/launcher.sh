#!/bin/bash -p
# The launcher of an app image: reads <layers>/config/metadata.toml, prepares the environment that buildpacks asked for and starts a process.
# Behaves as the launcher of buildpacks/lifecycle does (spec/platform.md#launcher). Bash builtins only, because a run image may have nothing
# else; -p keeps BASH_ENV and exported functions of the container out of this script while they reach the app unchanged.
# Every name begins with _sw_: any other could be a variable of the app.

shopt -s nullglob dotglob execfail
shopt -u nocasematch

declare -a _sw_types=() _sw_commands=() _sw_args=() _sw_directs=() _sw_owners=() _sw_directories=() _sw_exec_envs=() _sw_lines=()
declare -a _sw_ids=() _sw_apis=() _sw_list=() _sw_profiles=()
declare -A _sw_extra=()
_sw_supported_platform=' 0.7 0.8 0.9 0.10 0.11 0.12 0.13 0.14 0.15 '
_sw_supported_buildpack=' 0.7 0.8 0.9 0.10 0.11 0.12 '
_sw_file=''
_sw_line=0
_sw_in_metadata=yes

# Bytes, not characters: names sort as upstream sorts them. The app gets its own LC_ALL back.
_sw_had_locale=${LC_ALL+yes}
_sw_locale=${LC_ALL-}
_sw_locale_exported=''
[[ ${LC_ALL@a} == *x* ]] && _sw_locale_exported=yes
LC_ALL=C

_sw_main() {
  local _sw_self=$1
  shift
  _sw_platform_api=${CNB_PLATFORM_API-}
  _sw_layers=${CNB_LAYERS_DIR:-/layers}
  [[ $_sw_layers == / ]] || _sw_layers=${_sw_layers%"${_sw_layers##*[!/]}"}
  _sw_app=${CNB_APP_DIR:-/workspace}
  _sw_exec_env=${CNB_EXEC_ENV:-production}
  _sw_check_platform_api
  _sw_read_metadata "$_sw_layers/config/metadata.toml"
  _sw_in_metadata=''
  _sw_check_buildpack_apis
  _sw_warn_process_type
  _sw_choose_process "${_sw_self##*/}" "$@"
  _sw_clean_environment
  builtin cd -- "$_sw_app" 2>/dev/null || _sw_fail "change to app directory: chdir $_sw_app: no such file or directory"
  _sw_add_environment
  _sw_run_exec_d
  [[ -n $_sw_directory ]] || _sw_directory=$_sw_app
  if [[ $_sw_direct == true ]]; then _sw_start_direct; else _sw_start_shell "$_sw_self"; fi
}

_sw_fail() { _sw_exit 82 "launch: $1"; }

_sw_exit() {
  printf 'ERROR: failed to %s\n' "$2" >&2
  exit "$1"
}

_sw_warn() { printf 'Warning: %s\n' "$1" >&2; }

# --- versions

_sw_check_platform_api() {
  [[ -n ${_sw_platform_api// /} ]] ||
    _sw_exit 11 "get platform API version; please set 'CNB_PLATFORM_API' to specify the desired platform API version"
  local _sw_version
  _sw_parse_version "$_sw_platform_api" || _sw_exit 11 "parse platform API '$_sw_platform_api'"
  _sw_platform_api=$_sw_version
  [[ $_sw_supported_platform == *" $_sw_platform_api "* ]] ||
    _sw_exit 11 "set platform API: platform API version '$_sw_platform_api' is incompatible with the lifecycle"
}

_sw_check_buildpack_apis() {
  local _sw_i _sw_version
  for _sw_i in "${!_sw_ids[@]}"; do
    _sw_parse_version "${_sw_apis[_sw_i]}" || _sw_exit 12 "parse buildpack API '${_sw_apis[_sw_i]}' for buildpack '${_sw_ids[_sw_i]}'"
    _sw_apis[_sw_i]=$_sw_version
    [[ $_sw_supported_buildpack == *" ${_sw_apis[_sw_i]} "* ]] ||
      _sw_exit 12 "set API for buildpack '${_sw_ids[_sw_i]}': buildpack API version '${_sw_apis[_sw_i]}' is incompatible with the lifecycle"
  done
}

# Sets _sw_version to the version as upstream writes it: v0.012 is 0.12, 1 is 1.0.
_sw_parse_version() {
  [[ $1 =~ ^v?([0-9]{1,9})(\.([0-9]{0,9}))?$ ]] || return 1
  _sw_version=$((10#${BASH_REMATCH[1]})).$((10#${BASH_REMATCH[3]:-0}))
}

# True when version $1 (0.N) is at least 0.$2.
_sw_at_least() { (( ${1#0.} >= $2 )); }

_sw_warn_process_type() {
  [[ -n ${CNB_PROCESS_TYPE-} ]] || return 0
  _sw_warn "CNB_PROCESS_TYPE is not supported in Platform API $_sw_platform_api"
  _sw_warn "Run with ENTRYPOINT '$CNB_PROCESS_TYPE' to invoke the '$CNB_PROCESS_TYPE' process type"
}

# --- metadata.toml: the subset of TOML that the lifecycle's encoder writes, one key a line

_sw_read_metadata() {
  local _sw_text='' _sw_section=top _sw_seen=' ' _sw_rest
  _sw_file=$1
  [[ -r $1 && -f $1 ]] || _sw_exit 1 "read metadata: open $1: no such file or directory"
  while IFS= read -r _sw_text || [[ -n $_sw_text ]]; do
    _sw_line=$((_sw_line + 1))
    ((_sw_line > 1)) || _sw_text=${_sw_text#$'\xEF\xBB\xBF'}
    _sw_trim "$_sw_text"
    case $_sw_rest in
      '' | '#'*) ;;
      '['*) _sw_read_heading ;;
      *) _sw_read_field ;;
    esac
  done <"$1"
}

_sw_read_heading() {
  local _sw_tables='^\[\[[^][]+\]\][[:blank:]]*(#.*)?$' _sw_table='^\[[^][]+\][[:blank:]]*(#.*)?$'
  _sw_section=''
  _sw_seen=' '
  if [[ $_sw_rest =~ $_sw_tables ]]; then
    _sw_rest=${_sw_rest%%]]*}
    _sw_trim "${_sw_rest:2}"
    case $_sw_rest in buildpacks | processes) _sw_open_section "$_sw_rest" ;; esac
  elif [[ $_sw_rest =~ $_sw_table ]]; then
    _sw_rest=${_sw_rest%%]*}
    _sw_trim "${_sw_rest:1}"
    case $_sw_rest in buildpacks | processes) _sw_bad "expected a list of $_sw_rest" ;; esac
  else
    # Brackets may stand within the quotes of a name.
    [[ $_sw_rest == *[\"\']*']'* ]] || _sw_bad "expected the end of a heading"
  fi
}

_sw_open_section() {
  _sw_section=$1
  case $1 in
    buildpacks)
      _sw_ids+=('')
      _sw_apis+=('')
      ;;
    processes)
      _sw_types+=('')
      _sw_commands+=('[]')
      _sw_args+=('[]')
      _sw_directs+=(false)
      _sw_owners+=('')
      _sw_directories+=('')
      _sw_exec_envs+=('[]')
      _sw_lines+=("$_sw_line")
      ;;
  esac
}

_sw_read_field() {
  [[ $_sw_rest == *=* ]] || _sw_bad "expected key = value"
  [[ -n $_sw_section ]] || return 0
  local _sw_field=$'^["\']?([A-Za-z0-9_-]+)["\']?[[:blank:]]*=[[:blank:]]*(.*)$'
  if ! [[ $_sw_rest =~ $_sw_field ]]; then
    [[ $_sw_section != top ]] || return 0
    _sw_bad "expected key = value"
  fi
  # A key is known in capitals too, as upstream's decoder knows it.
  local _sw_key=${BASH_REMATCH[1],,} _sw_value=${BASH_REMATCH[2]}
  [[ $_sw_seen != *" ${BASH_REMATCH[1]} "* ]] || _sw_bad "$_sw_key is there twice"
  _sw_seen+="${BASH_REMATCH[1]} "
  case $_sw_section.$_sw_key in
    top.buildpacks | top.processes) _sw_bad "expected [[$_sw_key]]" ;;
    buildpacks.id) _sw_string "$_sw_value" && _sw_ids[-1]=$_sw_string ;;
    buildpacks.api) _sw_string "$_sw_value" && _sw_apis[-1]=$_sw_string ;;
    processes.type) _sw_string "$_sw_value" && _sw_types[-1]=$_sw_string ;;
    processes.command) _sw_checked "$_sw_value" && _sw_commands[-1]=$_sw_value ;;
    processes.args) _sw_checked_list "$_sw_value" && _sw_args[-1]=$_sw_value ;;
    processes.exec-env) _sw_checked_list "$_sw_value" && _sw_exec_envs[-1]=$_sw_value ;;
    processes.buildpack-id) _sw_string "$_sw_value" && _sw_owners[-1]=$_sw_string ;;
    processes.working-dir) _sw_string "$_sw_value" && _sw_directories[-1]=$_sw_string ;;
    processes.direct)
      [[ $_sw_value == true || $_sw_value == false ]] || _sw_bad "expected true or false"
      _sw_directs[-1]=$_sw_value
      ;;
  esac
}

_sw_checked() { _sw_strings "$1"; }

_sw_checked_list() {
  [[ $1 == '['* ]] || _sw_bad "expected a list of strings"
  _sw_strings "$1"
}

_sw_bad() {
  [[ -z $_sw_in_metadata ]] || _sw_exit 1 "read metadata: $_sw_file: line $_sw_line: $1"
  _sw_fail "read $_sw_file: line $_sw_line: $1"
}

_sw_trim() {
  _sw_rest=${1#"${1%%[!$' \t\r\n']*}"}
  _sw_rest=${_sw_rest%"${_sw_rest##*[!$' \t\r\n']}"}
}

# A value that is one string: sets _sw_string.
_sw_string() {
  local _sw_rest=$1
  _sw_take_string
  _sw_trim "$_sw_rest"
  [[ -z $_sw_rest || $_sw_rest == '#'* ]] || _sw_bad "expected the end of the line after a string"
}

# A value that is a string or a list of strings: sets _sw_list.
_sw_strings() {
  local _sw_rest=$1
  _sw_list=()
  if [[ $_sw_rest != '['* ]]; then
    _sw_string "$_sw_rest"
    _sw_list=("$_sw_string")
    return 0
  fi
  _sw_rest=${_sw_rest:1}
  _sw_skip
  while [[ $_sw_rest != ']'* ]]; do
    _sw_take_string
    _sw_list+=("$_sw_string")
    _sw_skip
    case $_sw_rest in
      ','*) _sw_rest=${_sw_rest:1} && _sw_skip ;;
      ']'*) ;;
      *) _sw_bad "expected a list of strings" ;;
    esac
  done
  _sw_trim "${_sw_rest:1}"
  [[ -z $_sw_rest || $_sw_rest == '#'* ]] || _sw_bad "expected the end of the line after a list"
}

# To what comes next in a list, over line ends and comments. While metadata.toml is read its next line becomes part of the value.
_sw_skip() {
  _sw_trim "$_sw_rest"
  while [[ -z $_sw_rest || $_sw_rest == '#'* ]]; do
    if [[ $_sw_rest == *$'\n'* ]]; then
      _sw_trim "${_sw_rest#*$'\n'}"
    elif [[ -n $_sw_in_metadata ]] && { IFS= read -r _sw_text || [[ -n $_sw_text ]]; }; then
      _sw_line=$((_sw_line + 1))
      _sw_value+=$'\n'$_sw_text
      _sw_trim "$_sw_text"
    else
      _sw_bad "a list without an end"
    fi
  done
}

# Takes one TOML string off the front of _sw_rest; sets _sw_string. Basic, literal and, for exec.d, multi-line strings.
_sw_take_string() {
  case $_sw_rest in
    '"""'*) _sw_take_basic '"""' ;;
    "'''"*) _sw_take_literal "'''" ;;
    '"'*) _sw_take_basic '"' ;;
    "'"*) _sw_take_literal "'" ;;
    *) _sw_bad "expected a string" ;;
  esac
}

_sw_take_literal() {
  _sw_rest=${_sw_rest:${#1}}
  [[ ${#1} -eq 3 ]] && _sw_rest=${_sw_rest#$'\n'}
  [[ $_sw_rest == *"$1"* ]] || _sw_bad "a string without an end"
  _sw_string=${_sw_rest%%"$1"*}
  _sw_check_characters "$_sw_string"
  [[ ${#1} -eq 3 || $_sw_string != *$'\n'* ]] || _sw_bad "a string without an end"
  _sw_rest=${_sw_rest:$((${#_sw_string} + ${#1}))}
  # Up to two quotes may stand before the closing three.
  while [[ ${#1} -eq 3 && $_sw_rest == "'"* ]]; do
    _sw_string+="'"
    _sw_rest=${_sw_rest:1}
  done
}

_sw_take_basic() {
  local _sw_chunk
  _sw_string=''
  _sw_rest=${_sw_rest:${#1}}
  [[ ${#1} -eq 3 ]] && _sw_rest=${_sw_rest#$'\n'}
  while :; do
    _sw_chunk=${_sw_rest%%[\"\\]*}
    [[ ${#_sw_chunk} -lt ${#_sw_rest} ]] || _sw_bad "a string without an end"
    [[ ${#1} -eq 3 || $_sw_chunk != *$'\n'* ]] || _sw_bad "a string without an end"
    _sw_check_characters "$_sw_chunk"
    _sw_string+=$_sw_chunk
    _sw_rest=${_sw_rest:${#_sw_chunk}}
    if [[ $_sw_rest == "$1"* ]]; then
      _sw_rest=${_sw_rest:${#1}}
      break
    elif [[ $_sw_rest == '"'* ]]; then
      _sw_string+='"'
      _sw_rest=${_sw_rest:1}
    else
      _sw_take_escape "$1"
    fi
  done
  while [[ ${#1} -eq 3 && $_sw_rest == '"'* ]]; do
    _sw_string+='"'
    _sw_rest=${_sw_rest:1}
  done
}

# TOML has control characters as escapes only, but for tabs and, in strings of several lines, line ends.
_sw_check_characters() {
  local _sw_plain=${1//$'\r\n'/}
  [[ ${_sw_plain//[$'\t\n']/} != *[$'\x01'-$'\x1f\x7f']* ]] || _sw_bad "a control character in a string"
}

_sw_take_escape() {
  local _sw_mark=${_sw_rest:1:1}
  _sw_rest=${_sw_rest:2}
  case $_sw_mark in
    b) _sw_string+=$'\b' ;;
    t) _sw_string+=$'\t' ;;
    n) _sw_string+=$'\n' ;;
    f) _sw_string+=$'\f' ;;
    r) _sw_string+=$'\r' ;;
    e) _sw_string+=$'\e' ;;
    '"') _sw_string+='"' ;;
    \\) _sw_string+=\\ ;;
    x) _sw_take_code 2 ;;
    u) _sw_take_code 4 ;;
    U) _sw_take_code 8 ;;
    ' ' | $'\t' | $'\n')
      [[ ${#1} -eq 3 ]] || _sw_bad "a backslash before nothing that can be escaped"
      _sw_rest=${_sw_rest#"${_sw_rest%%[!$' \t\r\n']*}"}
      ;;
    *) _sw_bad "a backslash before nothing that can be escaped" ;;
  esac
}

# Takes a code point of $1 hexadecimal digits and appends it as UTF-8.
_sw_take_code() {
  local _sw_digits=${_sw_rest:0:$1} _sw_code _sw_bytes
  [[ ${#_sw_digits} -eq $1 && $_sw_digits =~ ^[0-9A-Fa-f]+$ ]] || _sw_bad "expected $1 hexadecimal digits"
  _sw_rest=${_sw_rest:$1}
  _sw_code=$((16#$_sw_digits))
  ((_sw_code < 0xD800 || _sw_code > 0xDFFF && _sw_code <= 0x10FFFF)) || _sw_bad "U+$_sw_digits is not a character"
  ((_sw_code > 0)) || _sw_bad "a variable cannot hold the character U+0000"
  if ((_sw_code < 0x80)); then
    printf -v _sw_bytes '\\x%02x' "$_sw_code"
  elif ((_sw_code < 0x800)); then
    printf -v _sw_bytes '\\x%02x' $((0xC0 | _sw_code >> 6)) $((0x80 | _sw_code & 0x3F))
  elif ((_sw_code < 0x10000)); then
    printf -v _sw_bytes '\\x%02x' $((0xE0 | _sw_code >> 12)) $((0x80 | _sw_code >> 6 & 0x3F)) $((0x80 | _sw_code & 0x3F))
  else
    printf -v _sw_bytes '\\x%02x' $((0xF0 | _sw_code >> 18)) $((0x80 | _sw_code >> 12 & 0x3F)) \
      $((0x80 | _sw_code >> 6 & 0x3F)) $((0x80 | _sw_code & 0x3F))
  fi
  printf -v _sw_bytes '%b' "$_sw_bytes"
  _sw_string+=$_sw_bytes
}

# --- which process: sets _sw_type, _sw_direct, _sw_owner, _sw_directory, _sw_program (a list) and _sw_arguments

_sw_choose_process() {
  local _sw_i _sw_chosen='' _sw_known=''
  for _sw_i in "${!_sw_types[@]}"; do
    [[ ${_sw_types[_sw_i]} == "$1" ]] || continue
    _sw_known=yes
    _sw_may_run "$_sw_i" && _sw_chosen=$_sw_i && break
  done
  local _sw_name=$1
  shift
  if [[ -z $_sw_known ]]; then
    _sw_user_process "$@"
    return 0
  fi
  [[ -n $_sw_chosen ]] || _sw_fail "determine start command: process type $_sw_name was not found"
  _sw_type=$_sw_name
  _sw_direct=${_sw_directs[_sw_chosen]}
  _sw_owner=${_sw_owners[_sw_chosen]}
  _sw_directory=${_sw_directories[_sw_chosen]}
  _sw_line=${_sw_lines[_sw_chosen]}
  _sw_strings "${_sw_commands[_sw_chosen]}"
  _sw_program=("${_sw_list[@]}")
  _sw_strings "${_sw_args[_sw_chosen]}"
  _sw_arguments=("${_sw_list[@]}")
  _sw_apply_arguments "$@"
}

# From Platform API 0.15 a process may be for some execution environments only.
_sw_may_run() {
  local _sw_entry
  _sw_at_least "$_sw_platform_api" 15 || return 0
  _sw_strings "${_sw_exec_envs[$1]}"
  ((${#_sw_list[@]} > 0)) || return 0
  for _sw_entry in "${_sw_list[@]}"; do
    [[ $_sw_entry == '*' || $_sw_entry == "$_sw_exec_env" ]] && return 0
  done
  return 1
}

_sw_user_process() {
  _sw_type=''
  _sw_owner=''
  _sw_directory=''
  _sw_direct=false
  (($# > 0)) || _sw_fail "determine start command: when there is no default process a command is required"
  if (($# > 1)) && [[ $1 == -- ]]; then
    _sw_direct=true
    shift
  fi
  _sw_program=("$1")
  shift
  _sw_arguments=("$@")
}

_sw_apply_arguments() {
  if ! _sw_at_least "$_sw_platform_api" 10; then
    _sw_arguments+=("$@")
  elif ((${#_sw_program[@]} > 1)); then
    if (($# > 0)); then _sw_arguments=("${_sw_program[@]:1}" "$@"); else _sw_arguments=("${_sw_program[@]:1}" "${_sw_arguments[@]}"); fi
    _sw_program=("${_sw_program[0]}")
  elif (($# > 0)); then
    local _sw_api
    _sw_api_of_owner || _sw_fail "determine start command: failed to find buildpack for process $_sw_type with buildpack ID $_sw_owner"
    if _sw_at_least "$_sw_api" 9; then _sw_arguments=("$@"); else _sw_arguments+=("$@"); fi
  fi
}

_sw_api_of_owner() {
  local _sw_i
  for _sw_i in "${!_sw_ids[@]}"; do
    [[ ${_sw_ids[_sw_i]} == "$_sw_owner" ]] || continue
    _sw_api=${_sw_apis[_sw_i]}
    return 0
  done
  return 1
}

# --- environment

_sw_clean_environment() {
  local _sw_part _sw_left=${PATH-}: _sw_path=''
  unset -v CNB_LAYERS_DIR CNB_APP_DIR CNB_PROCESS_TYPE CNB_PLATFORM_API CNB_DEPRECATION_MODE
  _sw_keep_own_values
  _sw_hide_directories
  if ! _sw_is_exported PATH; then
    # What bash searches where the container says nothing is not the app's.
    unset -v PATH
    return 0
  fi
  while [[ -n $_sw_left ]]; do
    _sw_part=${_sw_left%%:*}
    _sw_left=${_sw_left#*:}
    [[ $_sw_part == /cnb/process || $_sw_part == /cnb/lifecycle ]] || _sw_path+=:$_sw_part
  done
  PATH=${_sw_path#:}
}

_sw_is_exported() {
  local -n _sw_named=$1
  [[ ${_sw_named@a} == *x* ]]
}

# Bash writes its own values into these: the app gets the container's.
_sw_keep_own_values() {
  local _sw_entry
  [[ -r /proc/self/environ ]] || return 0
  while IFS= read -r -d '' _sw_entry; do
    case ${_sw_entry%%=*} in
      BASHOPTS | HISTCMD | IFS | LINENO | RANDOM | SECONDS | SHELLOPTS | SRANDOM) _sw_extra[${_sw_entry%%=*}]=${_sw_entry#*=} ;;
    esac
  done </proc/self/environ
}

# Bash exports where it is and was; the app gets that only when the container said so.
_sw_hide_directories() {
  local _sw_name _sw_current
  for _sw_name in PWD OLDPWD; do
    _sw_get_original "$_sw_name"
    [[ -n $_sw_current ]] || export -n "${_sw_name?}"
  done
}

# Per buildpack first the directories of all its layers, then the files of all of them.
_sw_add_environment() {
  local _sw_id _sw_layer
  for _sw_id in "${_sw_ids[@]}"; do
    for _sw_layer in "$_sw_layers/${_sw_id//\//_}"/*; do
      [[ -d $_sw_layer && ! -L $_sw_layer ]] || continue
      if [[ -e $_sw_layer/bin ]]; then _sw_set PATH "$_sw_layer/bin${PATH:+:$PATH}"; fi
      if [[ -e $_sw_layer/lib ]]; then _sw_set LD_LIBRARY_PATH "$_sw_layer/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; fi
    done
    for _sw_layer in "$_sw_layers/${_sw_id//\//_}"/*; do
      [[ -d $_sw_layer && ! -L $_sw_layer ]] || continue
      _sw_add_env_dir "$_sw_layer/env"
      _sw_add_env_dir "$_sw_layer/env.launch"
      if [[ -n $_sw_type ]]; then _sw_add_env_dir "$_sw_layer/env.launch/$_sw_type"; fi
    done
  done
}

_sw_add_env_dir() {
  local _sw_entry _sw_base _sw_name _sw_content _sw_current _sw_between
  for _sw_entry in "$1"/*; do
    [[ -e $_sw_entry ]] || _sw_fail "modify env: add layer env: apply env files from dir '$1': stat $_sw_entry: no such file or directory"
    [[ -d $_sw_entry ]] && continue
    _sw_read_file "$_sw_entry" || _sw_fail "modify env: add layer env: apply env files from dir '$1': open $_sw_entry: permission denied"
    _sw_base=${_sw_entry##*/}
    _sw_name=${_sw_base%%.*}
    [[ -n $_sw_name ]] || continue
    _sw_get "$_sw_name"
    case $_sw_base in
      *.*) ;;
      *) _sw_base+=.override ;;
    esac
    case ${_sw_base#*.} in
      override) _sw_set "$_sw_name" "$_sw_content" ;;
      default) [[ -n $_sw_current ]] || _sw_set "$_sw_name" "$_sw_content" ;;
      append)
        _sw_delimiter "$1/$_sw_name.delim" ''
        _sw_set "$_sw_name" "${_sw_current:+$_sw_current$_sw_between}$_sw_content"
        ;;
      prepend)
        _sw_delimiter "$1/$_sw_name.delim" ''
        _sw_set "$_sw_name" "$_sw_content${_sw_current:+$_sw_between$_sw_current}"
        ;;
      '')
        _sw_delimiter "$1/$_sw_name.delim" ':'
        _sw_set "$_sw_name" "$_sw_content${_sw_current:+$_sw_between$_sw_current}"
        ;;
    esac
  done
}

_sw_delimiter() {
  local _sw_content
  _sw_between=$2
  if [[ -f $1 ]] && _sw_read_file "$1"; then _sw_between=$_sw_content; fi
}

# The whole file, a line end at its end included: sets _sw_content.
_sw_read_file() {
  _sw_content=''
  [[ -r $1 ]] || return 1
  IFS= read -r -d '' _sw_content <"$1"
  return 0
}

# Names that bash gives a meaning of its own, or cannot hold at all, are kept aside and handed over by env(1).
_sw_is_plain() {
  [[ $1 =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || return 1
  case $1 in
    _ | _sw_* | BASH | BASHOPTS | BASHPID | BASH_* | COMP_* | DIRSTACK | EPOCH* | EUID | FUNCNAME | GROUPS | HISTCMD | IFS | LC_ALL | LINENO | OLDPWD | OPTARG | OPTERR | OPTIND | PIPESTATUS | PPID | PWD | RANDOM | REPLY | SECONDS | SHELLOPTS | SHLVL | SRANDOM | UID) return 1 ;;
  esac
}

_sw_get() {
  if [[ -n ${_sw_extra[$1]+yes} ]]; then
    _sw_current=${_sw_extra[$1]}
  elif _sw_is_plain "$1"; then
    _sw_current=${!1-}
  elif [[ $1 == LC_ALL ]]; then
    _sw_current=$_sw_locale
  else
    _sw_get_original "$1"
  fi
}

# What the container gave a name that bash cannot hold or has changed.
_sw_get_original() {
  local _sw_entry
  _sw_current=''
  [[ -r /proc/self/environ ]] || return 0
  while IFS= read -r -d '' _sw_entry; do
    [[ $_sw_entry == "$1="* ]] || continue
    _sw_current=${_sw_entry#*=}
    return 0
  done </proc/self/environ
}

_sw_set() {
  if _sw_is_plain "$1"; then
    printf -v "$1" '%s' "$2"
    export "${1?}"
  elif [[ $1 == LC_ALL ]]; then
    _sw_had_locale=yes
    _sw_locale_exported=yes
    _sw_locale=$2
  else
    _sw_extra[$1]=$2
  fi
}

_sw_restore_locale() {
  if [[ -z $_sw_had_locale ]]; then
    unset -v LC_ALL
  else
    # Bash warns of a locale that the image lacks, and would do so again in the app's name.
    { LC_ALL=$_sw_locale; } 2>/dev/null
    [[ -z $_sw_locale_exported ]] || export LC_ALL
  fi
}

# What env(1) has to add for names bash cannot export: sets _sw_prefix.
_sw_prefix_for_extra() {
  local _sw_name
  _sw_prefix=()
  ((${#_sw_extra[@]} > 0)) || return 0
  _sw_find_env || _sw_fail "set environment: the names ${!_sw_extra[*]} need the program env, which this image does not have"
  _sw_prefix=("$_sw_found")
  for _sw_name in "${!_sw_extra[@]}"; do _sw_prefix+=("$_sw_name=${_sw_extra[$_sw_name]}"); done
}

# The PATH may be the app's alone: then env is where images have it.
_sw_find_env() {
  for _sw_found in /usr/bin/env /bin/env; do
    [[ -f $_sw_found && -x $_sw_found ]] && return 0
  done
  _sw_find_program env
}

# --- exec.d: programs that print variables as TOML on descriptor 3

_sw_run_exec_d() {
  local _sw_id _sw_layer _sw_program_path
  for _sw_id in "${_sw_ids[@]}"; do
    for _sw_layer in "$_sw_layers/${_sw_id//\//_}"/*; do
      [[ -d $_sw_layer && ! -L $_sw_layer ]] || continue
      for _sw_program_path in "$_sw_layer/exec.d"/*; do _sw_exec_d "$_sw_program_path"; done
      [[ -n $_sw_type ]] || continue
      for _sw_program_path in "$_sw_layer/exec.d/$_sw_type"/*; do _sw_exec_d "$_sw_program_path"; done
    done
  done
}

_sw_exec_d() {
  local _sw_text _sw_status _sw_prefix _sw_out
  [[ -d $1 && ! -L $1 ]] && return 0
  _sw_prefix_for_extra
  exec {_sw_out}>&1
  _sw_text=$(
    _sw_restore_locale
    exec 3>&1 1>&"$_sw_out" {_sw_out}>&-
    exec "${_sw_prefix[@]}" "$1"
    exit 126
  )
  _sw_status=$?
  exec {_sw_out}>&-
  ((_sw_status == 0)) || _sw_fail "exec.d: failed to execute exec.d file at path '$1': exit status $_sw_status"
  _sw_file="output from exec.d file at path '$1'"
  _sw_line=0
  _sw_read_variables "$_sw_text"
}

_sw_read_variables() {
  local _sw_rest _sw_key _sw_before
  _sw_trim "$1"
  while [[ -n $_sw_rest ]]; do
    _sw_line=$((_sw_line + 1))
    if [[ $_sw_rest == '#'* ]]; then
      [[ $_sw_rest == *$'\n'* ]] || return 0
      _sw_trim "${_sw_rest#*$'\n'}"
      continue
    fi
    _sw_take_key
    _sw_trim "$_sw_rest"
    [[ $_sw_rest == '='* ]] || _sw_bad "expected key = \"value\""
    _sw_trim "${_sw_rest:1}"
    _sw_take_string
    _sw_before=${_sw_rest%%[!$' \t\r']*}
    _sw_rest=${_sw_rest:${#_sw_before}}
    [[ -z $_sw_rest || $_sw_rest == $'\n'* || $_sw_rest == '#'* ]] || _sw_bad "expected the end of the line after a string"
    # A sign within the name would end it where the variable is read; no program reads one without a name.
    [[ $_sw_key != *=* ]] || _sw_string=${_sw_key#*=}=$_sw_string
    _sw_key=${_sw_key%%=*}
    [[ -z $_sw_key ]] || _sw_set "$_sw_key" "$_sw_string"
    _sw_trim "$_sw_rest"
  done
}

_sw_take_key() {
  if [[ $_sw_rest == [\"\']* ]]; then
    _sw_take_string
    _sw_key=$_sw_string
  else
    _sw_key=${_sw_rest%%[!A-Za-z0-9_-]*}
    [[ -n $_sw_key ]] || _sw_bad "expected key = \"value\""
    _sw_rest=${_sw_rest:${#_sw_key}}
  fi
}

# --- start

_sw_start_direct() {
  local _sw_found _sw_prefix
  ((${#_sw_program[@]} > 0)) || _sw_fail "no command provided for process type \"$_sw_type\""
  _sw_find_program "${_sw_program[0]}" || _sw_fail "path lookup: exec: \"${_sw_program[0]}\": executable file not found in \$PATH"
  builtin cd -- "$_sw_directory" 2>/dev/null || _sw_fail "change directory: chdir $_sw_directory: no such file or directory"
  _sw_hand_over "${_sw_program[0]}" "$_sw_found" "${_sw_program[@]:1}" "${_sw_arguments[@]}"
  _sw_fail "direct exec: $_sw_found could not be executed"
}

# Sets _sw_found to the program as PATH finds it; a name with a slash is a path. What stands in a relative directory of PATH is refused.
_sw_find_program() {
  local _sw_left=${PATH:+$PATH:} _sw_part
  if [[ $1 == */* ]]; then
    _sw_found=$1
    [[ -f $1 && -x $1 ]]
    return
  fi
  while [[ -n $1 && -n $_sw_left ]]; do
    _sw_part=${_sw_left%%:*}
    _sw_left=${_sw_left#*:}
    _sw_found=${_sw_part:-.}
    _sw_found=${_sw_found%/}/$1
    [[ -f $_sw_found && -x $_sw_found ]] || continue
    [[ $_sw_found == /* ]]
    return
  done
  return 1
}

_sw_start_shell() {
  local _sw_script='' _sw_profile _sw_tokens _sw_i _sw_api _sw_command
  _sw_find_profiles
  for _sw_profile in "${_sw_profiles[@]}"; do _sw_script+="source \"$_sw_profile\""$'\n'; done
  _sw_script+="cd \"$_sw_directory\""$'\n'
  if ((${#_sw_arguments[@]} == 0)); then
    _sw_script+='exec bash -c "$@"'
  else
    [[ -z $_sw_owner ]] || _sw_api_of_owner || _sw_fail "process type '$_sw_type' provided by unknown buildpack '$_sw_owner'"
    _sw_tokens='"$(eval echo \"$0\")"'
    for ((_sw_i = 1; _sw_i <= ${#_sw_arguments[@]}; _sw_i++)); do _sw_tokens+=" \"\$(eval echo \\\"\${$_sw_i}\\\")\""; done
    _sw_script+="exec bash -c '$_sw_tokens' \"\${@:1}\""
  fi
  _sw_command="${_sw_program[*]}"
  _sw_hand_over bash /bin/bash -c "$_sw_script" "$1" "$_sw_command" "${_sw_arguments[@]}"
  _sw_fail "bash exec: /bin/bash could not be executed"
}

_sw_find_profiles() {
  local _sw_id _sw_layer
  for _sw_id in "${_sw_ids[@]}"; do
    for _sw_layer in "$_sw_layers/${_sw_id//\//_}"/*; do
      [[ -d $_sw_layer && ! -L $_sw_layer ]] || continue
      _sw_add_profiles "$_sw_layer/profile.d"
      [[ -z $_sw_type ]] || _sw_add_profiles "$_sw_layer/profile.d/$_sw_type"
    done
  done
  if [[ -e $_sw_app/.profile && ! -d $_sw_app/.profile ]]; then _sw_profiles+=(.profile); fi
}

_sw_add_profiles() {
  local _sw_entry
  for _sw_entry in "$1"/*; do
    [[ -d $_sw_entry && ! -L $_sw_entry ]] || _sw_profiles+=("$_sw_entry")
  done
}

# Becomes the program: $1 is its argv[0], $2 its path, the rest its arguments.
_sw_hand_over() {
  local _sw_name=$1 _sw_path=$2 _sw_prefix
  shift 2
  _sw_prefix_for_extra
  _sw_restore_locale
  if ((${#_sw_prefix[@]} > 0)); then exec "${_sw_prefix[@]}" "$_sw_path" "$@"; fi
  exec -a "$_sw_name" "$_sw_path" "$@"
}

_sw_main "$0" "$@"
