#!/usr/bin/env bash
# Builds llama.cpp's own llama-server and llama-batched-bench, of the release that Falaj runs, to be compared with.
# usage: benchmarks/llama-tools.sh [FOLDER]      (default: ~/.cache/falaj/llama-tools)
# Prints the folder for --llama-bin. Needs npm, git, cmake and a C++ compiler; takes about ten minutes on two cores.
#
# The sources come from the npm package of the release. The processor backends are the prebuilt ones that Falaj loads too,
# so that both run the same kernels; the one that the build makes is removed.
set -eu

release=3.22.1 # of the npm packages; their llama.cpp is 0.5.0
folder=${1:-${FALAJ_CACHE_DIR:-$HOME/.cache/falaj}/llama-tools}

fail() {
  echo "llama-tools: $1" >&2
  exit 2
}

for tool in npm git cmake c++ tar; do
  command -v "$tool" >/dev/null || fail "$tool is missing; install it"
done
case $(uname -s)-$(uname -m) in
  Linux-x86_64) platform=linux-x64 ;;
  Linux-aarch64) platform=linux-arm64 ;;
  *) fail "there is no recipe for $(uname -sm); build the two programs by hand and name their folder with --llama-bin" ;;
esac

mkdir -p "$folder"
cd "$folder"

fetch() { # package, folder to unpack it in
  [ -d "$2/package" ] && return
  mkdir -p "$2"
  (cd "$2" && archive=$(npm pack --silent "$1@$release") && tar xzf "$archive" && rm "$archive")
}

fetch node-llama-cpp sources
[ -d llama ] || git -c advice.detachedHead=false clone --quiet sources/package/llama/gitRelease.bundle llama
fetch "@node-llama-cpp/$platform" natives

generator=
command -v ninja >/dev/null && generator="-G Ninja"
# shellcheck disable=SC2086 # two words or none
cmake -S llama -B llama/build $generator -DCMAKE_BUILD_TYPE=Release -DGGML_BACKEND_DL=ON -DGGML_NATIVE=OFF \
  -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_UI=OFF -DLLAMA_BUILD_TESTS=OFF >cmake.log
cmake --build llama/build --target llama-server llama-batched-bench -j "$(getconf _NPROCESSORS_ONLN)" >build.log ||
  fail "the build failed; see $folder/build.log"

rm -f llama/build/bin/libggml-cpu.so
backends=$(find natives/package/bins -name 'libggml-cpu-*.so')
[ -n "$backends" ] || fail "the package of $platform holds no processor backends"
# shellcheck disable=SC2086 # a list of names without blanks
cp $backends llama/build/bin/
echo "$folder/llama/build/bin"
