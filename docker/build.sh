#!/usr/bin/env bash
# Builds the images falaj-flink and falaj-cli from this checkout: docker/build.sh [--jars-are-built] [--if-engine] [--variant cpu|cuda|vulkan].
# --jars-are-built leaves Maven out, --if-engine ends well where no Docker engine answers, --variant chooses llama.cpp's libraries.
# Their bases (docker/.env) are pulled; without a registry, docker/offline/setup.sh makes stand-ins first.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
repository=$(dirname "$here")
stage=$here/target
cache=${FALAJ_CACHE_DIR:-$HOME/.cache/falaj}
# shellcheck source=.env
. "$here/.env"

say() {
  echo "build: $1"
}

fail() { # what is wrong; remedy
  echo "build: $1" >&2
  exit 1
}

jars_are_built='' if_engine='' variant=cpu
while [ $# -gt 0 ]; do
  case $1 in
    --jars-are-built) jars_are_built=yes ;;
    --if-engine) if_engine=yes ;;
    --variant)
      variant=${2:-}
      shift
      ;;
    *) fail "usage: build.sh [--jars-are-built] [--if-engine] [--variant cpu|cuda|vulkan]" ;;
  esac
  shift
done

if ! docker info >/dev/null 2>&1; then
  [ -z "$if_engine" ] || {
    say "no Docker engine answers: no images are built"
    exit 0
  }
  fail "no Docker engine answers; start Docker, or run $here/offline/setup.sh on a Debian machine"
fi

# --- jars ---------------------------------------------------------------------------------------------------------------
[ -n "$jars_are_built" ] || (cd "$repository" && mvn -q -B -DskipTests package) || fail "Maven failed; see its messages above"
target=$repository/jobs/target
[ -f "$target/falaj-job.jar" ] || fail "$target/falaj-job.jar is missing; leave out --jars-are-built"

# --- llama.cpp's libraries: the cache's, if they are whole, or those of the npm package, checked as Falaj itself checks them --
natives_package() {
  local machine suffix=
  case $(uname -m) in
    x86_64) machine=linux-x64 ;;
    aarch64) machine=linux-arm64 ;;
    *) fail "there is no prebuilt llama.cpp for $(uname -m)" ;;
  esac
  [ "$variant" = cpu ] || suffix=-$variant
  echo "$machine$suffix"
}

stage_natives() { # folder
  local package sums source version work
  package=$(natives_package)
  sums=$repository/model-runtime/src/main/resources/ai/falaj/runtime/llamacpp/natives/$package.sha256
  [ -f "$sums" ] || fail "there is no variant $variant for this machine; choose cpu, cuda or vulkan"
  source=$(echo "$cache"/natives/llama.cpp-*/"$package")
  mkdir -p "$1"
  if [ -d "$source" ] && (cd "$source" && sha256sum --quiet -c "$sums") >/dev/null 2>&1; then
    cp "$source"/* "$1"
    return
  fi
  command -v npm >/dev/null || fail "npm is missing, and llama.cpp's libraries are an npm package; install Node.js with npm"
  version=$(sed -n 's/.*NPM_VERSION = "\(.*\)".*/\1/p' \
    "$repository/model-runtime/src/main/java/ai/falaj/runtime/llamacpp/natives/NativePackage.java")
  work=$(mktemp -d)
  (cd "$work" && npm pack "@node-llama-cpp/$package@$version" --ignore-scripts --no-update-notifier >npm.log 2>&1 && tar xzf ./*.tgz) ||
    fail "npm cannot fetch @node-llama-cpp/$package@$version: $(tail -n 1 "$work/npm.log")"
  cp "$work/package/LICENSE" "$work/package/bins/$package"/lib*.so "$1"
  rm -rf "$work"
  (cd "$1" && sha256sum --quiet -c "$sums") || fail "llama.cpp's libraries are not those that Falaj knows; see above"
}

# --- contexts: hard links where possible, and times that do not change, so that the layers of what did not change are reused --
put() { # folder, file ...
  local folder=$1
  shift
  mkdir -p "$folder"
  cp -pl "$@" "$folder" 2>/dev/null || cp -p "$@" "$folder"
}

stage_flink() {
  local context=$stage/flink
  stage_natives "$context/natives"
  put "$context/dependencies" "$target"/lib/jna-*.jar "$target"/lib/jackson-{annotations,core,databind}-*.jar
  put "$context/runtime" "$target"/lib/falaj-model-runtime-*.jar
  put "$context/job" "$target/falaj-job.jar"
  put "$context/sbom" "$target/falaj.cdx.json"
  cp -rp "$here"/flink/* "$context"
}

stage_cli() {
  local context=$stage/cli
  stage_natives "$context/natives"
  mkdir -p "$context"
  put "$context/dependencies" $(find "$target/lib" -name '*.jar' ! -name 'falaj-*')
  put "$context/modules" "$target"/lib/falaj-*.jar
  put "$context/jars" "$target/falaj-jobs.jar" "$target/falaj-job.jar"
  put "$context/sbom" "$target/falaj.cdx.json"
  put "$context/launcher" "$repository/falaj"
  cp -rp "$repository/examples" "$context/examples"
  cp -p "$here/cli/Dockerfile" "$context"
}

build() { # image, base
  local context=$stage/${1#falaj-} tag=$1:$FALAJ_VERSION started=$SECONDS
  [ "$variant" = cpu ] || tag=$tag-$variant
  docker build -q -t "$tag" --build-arg "BASE=$2" --build-arg "VERSION=$FALAJ_VERSION" --build-arg "REVISION=$revision" \
    "$context" >"$stage/$1.log" 2>&1 || {
    tail -n 20 "$stage/$1.log" >&2
    fail "$tag cannot be built; if its base $2 cannot be pulled, run $here/offline/setup.sh"
  }
  say "$tag is built ($((SECONDS - started)) s, $(docker image inspect --format '{{.Size}}' "$tag" | awk '{ printf "%d MB", $1 / 1e6 }'), \
$(docker image inspect --format '{{.Size}}' "$2" | awk '{ printf "%d MB", $1 / 1e6 }') of it $2)"
}

revision=$(git -C "$repository" rev-parse HEAD 2>/dev/null || echo unknown)
rm -rf "$stage"
stage_flink
stage_cli
build falaj-flink "$FLINK_IMAGE"
build falaj-cli "$JRE_IMAGE"
