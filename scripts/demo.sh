#!/bin/sh
# Converts the demo model's genuine checkpoints and draws with it. Usage: scripts/demo.sh DIRECTORY_OF_THE_COMMANDS
set -e
commands=$1
out=.build/demo
mkdir -p "$out"

step() {
    echo "\$ $*"
    name=$1
    shift
    "$commands/$name" "$@"
    echo
}

step dalle-convert flax fixtures/demo/dalle --vqgan fixtures/demo/vqgan --clip fixtures/demo/clip -o "$out/demo.dalle" --force
step dalle-convert check "$out/demo.dalle"
step dalle-quant --fp16 "$out/demo.dalle" -o "$out/demo-fp16.dalle" --force
step dalle-run "$out/demo.dalle" --prompts fixtures/demo/prompts.txt --seed 1 --grid 4 -o "$out/demo.png" --force
echo "The picture is $out/demo.png: a row for each line of fixtures/demo/prompts.txt."
