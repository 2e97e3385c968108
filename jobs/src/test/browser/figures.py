#!/usr/bin/env python3
"""Computes what the dashboard must show, from the records alone.

Reads JSON lines as ReplayedHour writes them, one record each, and prints one JSON object. Knows nothing of windows that
close, of sketches or of Kafka: it has all records at hand and counts. Usage: figures.py RECORDS.jsonl
"""
import collections
import json
import sys

MINUTE_MS = 60_000
QUANTILES = {"P50": 0.5, "P95": 0.95, "P99": 0.99}


def quantile(values, q):
    """The value of rank floor(q * (n - 1)), as docs/ANALYTICS.md defines it."""
    return sorted(values)[int(q * (len(values) - 1))]


def main(path):
    minutes = collections.defaultdict(lambda: collections.Counter())
    ttft = collections.defaultdict(list)
    total = collections.defaultdict(list)
    labels = collections.defaultdict(collections.Counter)
    tenants = collections.defaultdict(collections.Counter)
    codes = collections.Counter()
    totals = collections.Counter()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            minute = record["at"] // MINUTE_MS * MINUTE_MS
            kind = record["kind"]
            if kind == "chunk":
                minutes[minute]["streamedTokens"] += record["tokens"]
                totals["streamedTokens"] += record["tokens"]
            elif kind == "deadLetter":
                minutes[minute]["deadLetters"] += 1
                totals["deadLetters"] += 1
                codes[record["code"]] += 1
                tenants[record["tenant"]]["deadLetters"] += 1
            elif kind == "completion":
                minutes[minute]["requests"] += 1
                minutes[minute]["completionTokens"] += record["completionTokens"]
                ttft[minute].append(record["ttftMs"])
                total[minute].append(record["totalMs"])
                totals["requests"] += 1
                tenant = tenants[record["tenant"]]
                tenant["requests"] += 1
                for name in ("promptTokens", "cachedTokens", "completionTokens"):
                    totals[name] += record[name]
                    tenant[name] += record[name]
                if record["label"] is not None:
                    labels[minute][record["label"]] += 1
            else:
                raise ValueError(f"no record is of the kind {kind}")
    for minute, values in ttft.items():
        for name, q in QUANTILES.items():
            minutes[minute][f"ttft{name}Ms"] = quantile(values, q)
            minutes[minute][f"total{name}Ms"] = quantile(total[minute], q)
    print(json.dumps({
        "minutes": {str(minute): figures for minute, figures in sorted(minutes.items())},
        "labels": {str(minute): counts for minute, counts in sorted(labels.items())},
        "tenants": tenants,
        "codes": codes,
        "totals": totals,
    }, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
