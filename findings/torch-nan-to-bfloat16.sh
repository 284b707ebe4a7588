#!/bin/sh
# PyTorch 2.13.0 with NumPy 2.4.6 and ml_dtypes 0.7.0 (PyPI).
# Guess: a NaN keeps its sign and stays the quiet NaN that hardware and JAX write (0x7FC0, 0xFFC0).
# Seen: on a CPU PyTorch turns every NaN, of either sign, into the bfloat16 0xFFFF (float16: 0x7E00); ml_dtypes, hence JAX,
#       into 0x7FC0 or 0xFFC0. Files that hold a NaN are not equal byte for byte after the same conversion.
# Output seen: `torch ['0xffff', '0xffff'] ml_dtypes ['0x7fc0', '0xffc0']`.
set -eu
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env"
"$dir/env/bin/pip" install -q "torch==2.13.0" "numpy==2.4.6" "ml_dtypes==0.7.0"
"$dir/env/bin/python" -W ignore - <<'PY'
import sys
import ml_dtypes, numpy as np, torch
nans = np.array([0x7FC00000, 0xFFC00000], np.uint32).view(np.float32)
theirs = [hex(v & 0xFFFF) for v in torch.from_numpy(nans).to(torch.bfloat16).view(torch.int16).tolist()]
jax = [hex(v) for v in nans.astype(ml_dtypes.bfloat16).view(np.uint16).tolist()]
print("torch", theirs, "ml_dtypes", jax)
sys.exit((theirs, jax) != (["0xffff"] * 2, ["0x7fc0", "0xffc0"]))
PY
