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
    start=$(date +%s)
    "$commands/$name" "$@"
    echo "($(($(date +%s) - start)) s)"
    echo
}

step dalle-convert flax fixtures/demo/dalle --vqgan fixtures/demo/vqgan --clip fixtures/demo/clip -o "$out/demo.dalle" --force
step dalle-convert check "$out/demo.dalle"
step dalle-quant --int8 "$out/demo.dalle" -o "$out/demo-int8.dalle" --force --quiet
step dalle-run "$out/demo.dalle" --prompts fixtures/demo/prompts.txt --seed 1 --grid 4 -o "$out/demo.png" --force
step dalle-run verify "$out/demo-int8.dalle" --against "$out/demo.dalle" --pictures 4 --quiet
echo "The picture is $out/demo.png: a row for each line of fixtures/demo/prompts.txt."
