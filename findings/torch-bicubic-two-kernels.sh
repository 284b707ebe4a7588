#!/bin/sh
# PyTorch 2.13.0 (PyPI), torch.nn.functional.interpolate(mode="bicubic").
# Guess: `antialias` only widens the kernel when an image gets smaller; enlarging is the same with and without.
# Seen: it also changes the cubic's coefficient, from -0.75 to Pillow's -0.5, so enlarging differs: the peak of an impulse at
#       twice the size is 0.878906 without and 0.867188 with antialias. CLIP's preprocessing depends on which one is meant.
# Output seen: `False 0.878906, True 0.867188`.
set -eu
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env"
"$dir/env/bin/pip" install -q "torch==2.13.0" "numpy==2.4.6"
"$dir/env/bin/python" - <<'PY'
import sys
import torch
impulse = torch.zeros(1, 1, 1, 9)
impulse[..., 4] = 1
def peak(antialias):
    return torch.nn.functional.interpolate(impulse, size=(1, 18), mode="bicubic", antialias=antialias).max().item()
print(f"False {peak(False):.6f}, True {peak(True):.6f}")
def kernel(a, x):  # Keys' cubic at the distances 0.25 and 1.25
    return (a + 2) * x**3 - (a + 3) * x**2 + 1
sys.exit(not (abs(peak(False) - kernel(-0.75, 0.25)) < 1e-6 and abs(peak(True) - kernel(-0.5, 0.25)) < 1e-6))
PY
