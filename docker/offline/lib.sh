# Shared by the scripts of this folder; sourced, never run.
# shellcheck shell=bash

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck disable=SC2034 # used by the scripts that source this file
repository=$(cd "$here/../.." && pwd -P)
cache=${FALAJ_CACHE_DIR:-$HOME/.cache/falaj}/docker
set -a
# shellcheck source=../.env
. "$here/../.env"
set +a

say() {
  echo "offline: $1"
}

fail() { # what is wrong; remedy
  echo "offline: $1" >&2
  exit 1
}

engine_answers() {
  docker info >/dev/null 2>&1
}

has_image() {
  docker image inspect "$1" >/dev/null 2>&1
}

# Packages of the machine's own Debian, and only those that are missing.
install_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  [ "$(id -u)" = 0 ] || fail "${missing[*]} must be installed, which takes root; run this as root or install them"
  command -v apt-get >/dev/null || fail "${missing[*]} must be installed and this is no Debian; install them by hand"
  say "installing ${missing[*]}"
  apt-get update -qq || fail "apt-get cannot reach its repository; check /etc/apt"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt-get cannot install ${missing[*]}; see its messages above"
}
