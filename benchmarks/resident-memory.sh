#!/usr/bin/env bash
# Resident memory of the process that holds the model, with 1 slot and with 8: after the demo's prompts were answered. Linux only.
set -euo pipefail
cd "$(dirname "$0")/.."
prompts=$(wc -l <examples/demo-prompts.jsonl)
for slots in 1 8; do
  ready=$(mktemp)
  ./falaj up --json --slots "$slots" -p "$slots" --partitions 8 >"$ready" &
  launcher=$!
  until [ -s "$ready" ]; do
    kill -0 "$launcher" # ends this script if the stack did not start
    sleep 1
  done
  pid=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$ready")
  ./falaj produce examples/demo-prompts.jsonl --json >/dev/null
  ./falaj consume completions --from beginning --follow --max "$prompts" --json >/dev/null
  echo "$slots slots: $(awk '/VmRSS/ { print $2, $3 }' "/proc/$pid/status")"
  kill -TERM "$pid"
  wait "$launcher" || true
  rm -f "$ready"
done
