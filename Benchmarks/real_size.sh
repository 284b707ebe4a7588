#!/bin/sh
# A model of the released size with random weights, from checkpoint to picture. The commands say time and peak memory.
# Usage: Benchmarks/real_size.sh mega|mini DIRECTORY   (mega needs 15 GB of disk there)
set -e
model=$1
out=$2
commands=.build/release
mkdir -p "$out"
[ -f "$out/vqgan/config.json" ] || python3 fixtures/make_real_size.py vqgan "$out/vqgan"
[ -f "$out/$model/config.json" ] || python3 fixtures/make_real_size.py "$model" "$out/$model"
uname -mp
grep -m1 'model name' /proc/cpuinfo 2>/dev/null || true
$commands/dalle-run --version
$commands/dalle-convert flax "$out/$model" --vqgan "$out/vqgan" -o "$out/$model.dalle" --force
$commands/dalle-convert check "$out/$model.dalle"
$commands/dalle-run "$out/$model.dalle" "a red fox in the snow" --seed 1 -o "$out/$model.png" --force
