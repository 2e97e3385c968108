#!/usr/bin/env bash
# Engine and base images on a Debian machine that reaches no container registry: all that docker/build.sh, compose.yaml and
# mvn -Pcontainers need. Run it as root, as often as you like.
set -euo pipefail
cd "$(dirname "$0")"
./engine.sh start
./images.sh
