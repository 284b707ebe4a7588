#!/bin/sh
# safetensors 0.8.0 with PyTorch 2.13.0 (PyPI), safetensors.torch.save and save_file.
# Guess: a tensor that PyTorch holds lazily conjugated or negated is stored with the numbers it prints, or is refused: both
#        `numpy()` and `resolve_conj()` treat the mark as part of the value, and torch.save writes it beside the bytes.
# Seen: the mark is dropped. The conjugate of a complex tensor is contiguous, passes every check and is stored
#       unconjugated: every imaginary part has the wrong sign, no error.
# Output seen: `given [(1-2j), (3-4j)] stored [(1+2j), (3+4j)]`, and right after resolve_conj().
set -eu
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env"
"$dir/env/bin/pip" install -q "safetensors==0.8.0" "torch==2.13.0" "numpy==2.4.6"
"$dir/env/bin/python" - <<'PY'
import sys
import safetensors.torch as st, torch
given = torch.tensor([1 + 2j, 3 + 4j]).conj()
stored = st.load(st.save({"a": given}))["a"]
resolved = st.load(st.save({"a": given.resolve_conj()}))["a"]
print("given", given.tolist(), "stored", stored.tolist(), "after resolve_conj", resolved.tolist())
sys.exit(not (torch.equal(stored, given.conj()) and torch.equal(resolved, given)))
PY
