#!/bin/sh
# tokenizers 0.23.3 (PyPI), the Lowercase normaliser that Hugging Face's CLIP tokenizer uses.
# Guess: lower-casing is str.lower(), which OpenAI's CLIP tokenizer calls.
# Seen: a capital sigma at the end of a word becomes a medial sigma (U+03C3); Python follows Unicode's final-sigma rule (U+03C2).
#       The two CLIP tokenizers so give other ids for Greek in capitals.
# Output seen: `tokenizers U+03C3, Python U+03C2`.
set -eu
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env"
"$dir/env/bin/pip" install -q "tokenizers==0.23.3"
"$dir/env/bin/python" - <<'PY'
import sys
from tokenizers import normalizers
word = "\u039f\u0394\u039f\u03a3"
theirs, python = normalizers.Lowercase().normalize_str(word)[-1], word.lower()[-1]
print(f"tokenizers U+{ord(theirs):04X}, Python U+{ord(python):04X}")
sys.exit((theirs, python) != ("\u03c3", "\u03c2"))
PY
