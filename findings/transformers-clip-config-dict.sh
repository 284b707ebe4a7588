#!/bin/sh
# transformers 4.57.6 and 5.24.0 (PyPI), CLIPConfig with `text_config_dict` beside `text_config`, as older releases saved both.
# Guess: the dictionary's keys override those of `text_config`, one by one, or the two must agree.
# Seen: whatever stands in `text_config_dict` replaces the whole: keys that only `text_config` has fall back to the class's
#       defaults, and an empty dictionary resets the tower to the released model's size. Nothing is raised.
# Output seen, in both releases: `3 layers of 64 | dict {}: 12 layers of 512 | dict of width 32: 12 layers of 32`.
set -eu
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env"
for version in 4.57.6 5.24.0; do
    "$dir/env/bin/pip" install -q "transformers==$version" "numpy==2.4.6"
    "$dir/env/bin/python" -W ignore - 2>"$dir/err" <<'PY'
import sys
import transformers
from transformers import CLIPConfig
config = {"text_config": {"hidden_size": 64, "num_hidden_layers": 3}, "vision_config": {"hidden_size": 96}}
def tower(**more):
    text = CLIPConfig.from_dict(config | more).text_config
    return text.num_hidden_layers, text.hidden_size
found = [tower(), tower(text_config_dict={}), tower(text_config_dict={"hidden_size": 32})]
print(transformers.__version__, " | ".join(f"{layers} layers of {width}" for layers, width in found))
sys.exit(found != [(3, 64), (12, 512), (12, 32)])
PY
done
