#!/usr/bin/env bash
# Makes every result and plot of the simulation again: benchmarks/results/simulation-*.json and benchmarks/plots/*.png.
# usage: benchmarks/simulate.sh [FOLDER with conv.csv and code.csv of Azure's LLM traces of 2023]
# Without a folder the built-in workloads take their place, which have similar moments.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-}
conversation=conversation
code=code
if [ -n "$folder" ]; then
  conversation=$folder/conv.csv
  code=$folder/code.csv
fi
mkdir -p benchmarks/results benchmarks/plots

run() { # name of the result, then options of falaj simulate
  local name=$1
  shift
  ./falaj simulate "$@" --results "benchmarks/results/simulation-$name.json" --plot "benchmarks/plots/$name.png"
  echo
}

k2=k2-think-32b-h100
cpu=cpu-2core-smollm2
policies=adaptive,chunked=512,whole-prompts,static
settings=adaptive=3,adaptive=8,adaptive=12,adaptive=24,chunked=256,chunked=512
fair=(--policy adaptive,one-queue --requests 2500)

# Policies against load.
run k2-h100-conversation --profile $k2 --trace "$conversation" --policy $policies --requests 2500 --title "K2 Think 32B on one H100, conversations"
run k2-h100-code --profile $k2 --trace "$code" --policy $policies --requests 2500 --title "K2 Think 32B on one H100, code completion"
run k2-h200-conversation --profile k2-think-32b-h200 --trace "$conversation" --policy $policies --requests 2500 --title "K2 Think 32B on one H200, conversations"
run cpu-conversation --profile $cpu --trace "$conversation" --policy $policies --requests 1200 --title "SmolLM2-135M on 2 cores, conversations"

# Settings of the adaptive prefill budget.
run k2-h100-settings --profile $k2 --trace "$conversation" --policy $settings --requests 2500 --title "K2 Think 32B on one H100, conversations: prefill settings"
run cpu-settings --profile $cpu --trace "$conversation" --policy $settings --requests 1200 --title "SmolLM2-135M on 2 cores, conversations: prefill settings"

# Two tenants: weights against a load that both offer alike; one that floods another.
run k2-h100-weights --profile $k2 --trace "$conversation" "${fair[@]}" --tenant gold:3 --tenant bronze:1 --load 0.5,0.8,1,1.25,1.5,2,3,4 --title "K2 Think 32B on one H100: tenants of weights 3 and 1 offer as much"
run k2-h100-flood --profile $k2 --trace "$conversation" "${fair[@]}" --tenant quiet:1:0.1 --tenant flood:1 --load 0.3,0.5,0.8,1,1.25,1.5,2,4 --title "K2 Think 32B on one H100: one tenant floods another that offers 0.1"
