#!/usr/bin/env bash
# Stand-ins for the base images of docker/.env, made from what this machine does reach: Debian packages and Maven's repository.
# They carry the names of the originals, so that Dockerfiles and compose files are the same with and without a registry.
# An image that is there already, original or stand-in, is left alone: images.sh [--again] builds the stand-ins anew.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

again=
case ${1:-} in
  --again) again=yes ;;
  '') ;;
  *) fail "usage: images.sh [--again]" ;;
esac

engine_answers || fail "no Docker engine answers; run $here/engine.sh start"
mkdir -p "$cache"
work=$(mktemp -d "$cache/images.XXXXXX")
trap 'rm -rf "$work"' EXIT

label=ai.falaj.stand-in

is_wanted() { # image
  has_image "$1" || return 0
  [ -n "$again" ] && [ "$(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$1")" = true ]
}

build() { # image, context folder
  local started=$SECONDS
  if ! docker build -q --label "$label=true" --build-arg "BASE=$JRE_IMAGE" -t "$1" "$2" >"$work/build.log" 2>&1; then
    cat "$work/build.log" >&2
    fail "$1 cannot be built; see the messages above"
  fi
  say "$1 is built ($((SECONDS - started)) s, $(docker image inspect --format '{{.Size}}' "$1" | awk '{ printf "%d MB", $1 / 1e6 }'))"
}

# --- a Java runtime on Debian ------------------------------------------------------------------------------------------
jre() {
  is_wanted "$JRE_IMAGE" || return 0
  local archive=$cache/jre.tar started=$SECONDS root=$work/jre id
  if [ ! -f "$archive" ]; then
    install_packages debootstrap
    [ "$(id -u)" = 0 ] || fail "debootstrap takes root; run this as root"
    say "making $JRE_IMAGE with debootstrap"
    debootstrap --variant=minbase --include=openjdk-17-jre-headless,ca-certificates bookworm "$root" >"$work/debootstrap.log" 2>&1 || {
      tail -n 5 "$work/debootstrap.log" >&2
      fail "debootstrap failed; see the messages above"
    }
    rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,info,locale,lintian}/* "$root"/var/log/*
    # A file, never a pipe: an import from a pipe that failed leaves an empty image.
    tar -C "$root" -cf "$archive.part" --numeric-owner .
    mv "$archive.part" "$archive"
  fi
  id=$(docker import -c 'ENV JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64 LANG=C.UTF-8' -c "LABEL $label=true" "$archive" "$JRE_IMAGE")
  docker run --rm "$JRE_IMAGE" java -version >/dev/null 2>&1 || {
    docker rmi -f "$id" >/dev/null
    fail "Java does not run in the image; delete $archive and try again"
  }
  say "$JRE_IMAGE is built ($((SECONDS - started)) s, $(du -m "$archive" | cut -f 1) MB)"
}

# --- servers from the jars that the local stack runs --------------------------------------------------------------------
local_stack() { # folder that the build makes
  [ -d "$repository/$1" ] || (cd "$repository" && mvn -q -B -pl jobs/local-stack/kafka,jobs/local-stack/registry process-resources) ||
    fail "Maven cannot fetch the servers of the local stack; see its messages above"
}

kafka() {
  is_wanted "$KAFKA_IMAGE" || return 0
  local_stack jobs/local-stack/kafka/target/lib
  mkdir "$work/kafka"
  cp -r "$here/kafka/." "$work/kafka"
  cp -r "$repository/jobs/local-stack/kafka/target/lib" "$work/kafka/lib"
  build "$KAFKA_IMAGE" "$work/kafka"
}

registry() {
  is_wanted "$REGISTRY_IMAGE" || return 0
  local_stack jobs/local-stack/registry/target/registry
  mkdir "$work/registry"
  cp -r "$here/registry/." "$work/registry"
  cp -r "$repository/jobs/local-stack/registry/target/registry" "$work/registry/files"
  build "$REGISTRY_IMAGE" "$work/registry"
}

# --- Flink, whose distribution is in no Maven repository ----------------------------------------------------------------
flink() {
  is_wanted "$FLINK_IMAGE" || return 0
  mkdir "$work/flink"
  cp -r "$here/flink/." "$work/flink"
  mvn -q -B -f "$here/flink/pom.xml" package "-Dfalaj.context=$work/flink" ||
    fail "Maven cannot fetch Flink's jars; see its messages above"
  build "$FLINK_IMAGE" "$work/flink"
}

jre
kafka
registry
flink
