#!/bin/sh
# Makes a web site of the comments and articles of DalleRuntime. Needs Swift's own tools alone, no network.
set -e
out=.build/documentation
symbols=.build/symbols
docc=$(command -v docc || xcrun --find docc)
rm -rf "$out" "$symbols"
mkdir -p "$symbols"
graphs=$(swift package dump-symbol-graph --minimum-access-level public | sed -n 's/^Files written to //p')
cp "$graphs"/DalleRuntime*.symbols.json "$symbols"
"$docc" convert Sources/Runtime/Documentation.docc --fallback-display-name DalleRuntime \
    --fallback-bundle-identifier swift-dalle --additional-symbol-graph-dir "$symbols" --output-path "$out" > "$symbols/log" 2>&1 ||
    { cat "$symbols/log" >&2; exit 1; }
# A link that leads nowhere.
if grep -A 4 "doesn't exist at" "$symbols/log" >&2; then exit 1; fi
echo "The documentation is $out; read it with: python3 -m http.server -d $out, at /documentation/dalleruntime"
