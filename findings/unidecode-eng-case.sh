#!/bin/sh
# Unidecode 1.3.8 and 1.4.0 (PyPI).
# Guess: a capital letter stays capital: LATIN CAPITAL LETTER ENG (U+014A) is "NG", the small one (U+014B) "ng".
# Seen: 1.3.8 has them the other way round, 1.4.0 has them right, and changed 24 other characters: chess men were nothing and are
#       "white king", the degree Celsius sign was nothing and is "degC". A model whose prompts pass through Unidecode gets
#       other tokens for the same prompt after an update.
# Output seen: `1.3.8 ['ng', 'NG', '', '']`, `1.4.0 ['NG', 'ng', 'degC', 'white king']`.
set -eu
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env"
for version in 1.3.8 1.4.0; do
    "$dir/env/bin/pip" install -q "Unidecode==$version"
    "$dir/env/bin/python" -W ignore - "$version" <<'PY'
import sys
from unidecode import unidecode
found = [unidecode(sign) for sign in "\u014a\u014b\u2103\u2654"]
print(sys.argv[1], found)
expected = {"1.3.8": ["ng", "NG", "", ""], "1.4.0": ["NG", "ng", "degC", "white king"]}
sys.exit(found != expected[sys.argv[1]])
PY
done
