#!/usr/bin/env bash
# A Docker engine and Compose on a Debian machine that reaches no container registry: engine.sh start | stop | status.
# An engine that answers already is left as it is, and stop ends only the engine that start began.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

pid_file=$cache/dockerd.pid
log=$cache/dockerd.log
start_limit_s=60

start() {
  mkdir -p "$cache"
  install_packages docker.io iptables
  if engine_answers; then
    say "a Docker engine answers already"
  else
    start_engine
  fi
  compose
  say "engine $(docker version --format '{{.Server.Version}}'), $(docker compose version 2>/dev/null || echo 'no Compose')"
}

start_engine() {
  [ "$(id -u)" = 0 ] || fail "no Docker engine answers, and starting one takes root; start Docker or run this as root"
  # A session of its own: it outlives this script and the terminal. File descriptors closed: whoever reads our output sees its end.
  setsid dockerd ${FALAJ_DOCKER_DATA:+--data-root "$FALAJ_DOCKER_DATA"} >"$log" 2>&1 </dev/null &
  echo $! >"$pid_file"
  local waited=0
  until engine_answers; do
    kill -0 "$(cat "$pid_file")" 2>/dev/null || fail "dockerd ended: $(tail -n 1 "$log"); see $log"
    [ "$waited" -lt "$start_limit_s" ] || fail "dockerd does not answer within $start_limit_s s; see $log"
    sleep 1
    waited=$((waited + 1))
  done
}

# Bookworm's Compose is version 1. Trixie's is a single Go program, which runs here: unpacked, not installed.
compose() {
  docker compose version >/dev/null 2>&1 && return
  local plugins=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins work repository_uri keyring
  repository_uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Component: main' 2>/dev/null | head -n 1)
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  if [ -z "$repository_uri" ]; then
    say "no Compose: apt knows no Debian repository to take it from"
    return
  fi
  work=$(mktemp -d)
  mkdir -p "$work/lists/partial" "$work/archives/partial" "$plugins"
  echo "deb [signed-by=$keyring] $repository_uri trixie main" >"$work/sources.list"
  local apt=(apt-get -qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists" -o APT::Sandbox::User=root)
  if ! (cd "$work" && "${apt[@]}" update && "${apt[@]}" download docker-compose) >"$work/apt.log" 2>&1; then
    say "no Compose: $(tail -n 1 "$work/apt.log")"
    rm -rf "$work"
    return
  fi
  dpkg-deb -x "$work"/docker-compose_*.deb "$work/unpacked"
  install -m 755 "$(find "$work/unpacked" -type f -path '*/cli-plugins/docker-compose')" "$plugins/docker-compose"
  rm -rf "$work"
}

stop() {
  if [ ! -f "$pid_file" ]; then
    say "no engine was started from here"
    return
  fi
  local pid waited=0
  pid=$(cat "$pid_file")
  kill "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do
    [ "$waited" -lt "$start_limit_s" ] || fail "dockerd $pid does not end; see $log"
    sleep 1
    waited=$((waited + 1))
  done
  rm -f "$pid_file"
  say "the engine has stopped"
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  status)
    engine_answers || fail "no Docker engine answers"
    say "engine $(docker version --format '{{.Server.Version}}')"
    ;;
  *) fail "usage: engine.sh start|stop|status" ;;
esac
