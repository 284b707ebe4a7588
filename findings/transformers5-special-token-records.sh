#!/bin/sh
# transformers 4.57.6 and 5.24.0 (PyPI), BartTokenizer of vocab.json, merges.txt and special_tokens_map.json.
# Guess: special tokens that are written as records ({"content": …, "lstrip": …}), as 4.x writes them, are read alike under
#        every key of special_tokens_map.json and by both releases.
# Seen: 5.24.0 reads records under bos_token and eos_token, but raises TypeError for the same records in the list
#       additional_special_tokens; 4.57.6 reads both. Folders that were exported for 4.x then cannot be opened.
# Output seen: `4.57.6 named: read, listed: read` and `5.24.0 named: read, listed: TypeError`.
set -eu
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env"
for version in 4.57.6 5.24.0; do
    "$dir/env/bin/pip" install -q "transformers==$version" "numpy==2.4.6"
    "$dir/env/bin/python" -W ignore - "$dir" 2>"$dir/err" <<'PY'
import json, os, sys
import transformers
from transformers import BartTokenizer
folder = os.path.join(sys.argv[1], "tokenizer")
os.makedirs(folder, exist_ok=True)
words = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "a", "\u0120", "b", "\u0120b", "<extra>"]
json.dump({word: i for i, word in enumerate(words)}, open(f"{folder}/vocab.json", "w"))
open(f"{folder}/merges.txt", "w").write("#version: 0.2\n\u0120 b\n")
def record(text):
    return {"content": text, "lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
def attempt(**tokens):
    json.dump(tokens, open(f"{folder}/special_tokens_map.json", "w"))
    try:
        return "read" if BartTokenizer.from_pretrained(folder)("a b").input_ids == [0, 5, 8, 2] else "other ids"
    except TypeError:
        return "TypeError"
named = attempt(bos_token=record("<s>"), eos_token=record("</s>"))
listed = attempt(bos_token=record("<s>"), eos_token=record("</s>"), additional_special_tokens=[record("<extra>")])
print(transformers.__version__, f"named: {named}, listed: {listed}")
sys.exit((named, listed) != ("read", "read" if transformers.__version__ == "4.57.6" else "TypeError"))
PY
done
