#!/usr/bin/env bash
# Asks a Prometheus every query of the dashboards, as Grafana would: check.sh [URL]. One that is refused fails the check; one that
# has no data is named, since that is right for what has not happened yet (dead letters, preemptions, guesses).
set -euo pipefail
cd "$(dirname "$0")"
prometheus=${1:-http://localhost:9090}
command -v jq >/dev/null || { echo "check: jq is missing; install it" >&2; exit 1; }

refused=0 empty=0 asked=0
while IFS= read -r query; do
  expanded=${query//\$__rate_interval/1m}
  expanded=${expanded//\$job/.*}
  answer=$(curl -sS --get --data-urlencode "query=$expanded" "$prometheus/api/v1/query") || { echo "check: no Prometheus answers at $prometheus" >&2; exit 1; }
  asked=$((asked + 1))
  if [ "$(jq -r .status <<<"$answer")" != success ]; then
    echo "check: refused: $query: $(jq -r .error <<<"$answer")" >&2
    refused=$((refused + 1))
  elif [ "$(jq '.data.result | length' <<<"$answer")" = 0 ]; then
    echo "check: no data: $query"
    empty=$((empty + 1))
  fi
done < <(jq -r '.panels[].targets[]?.expr' dashboards/*.json)
echo "check: $asked queries, $refused refused, $empty without data"
[ "$asked" -gt 0 ] && [ "$refused" = 0 ]
