#!/bin/sh
# flax 0.12.8 (PyPI), flax.serialization.to_bytes and msgpack_restore.
# Guess: an array of the other byte order is stored in one order, or with its order, and comes back equal.
# Seen: the bytes are stored as they lie and the type without its order ('float32'), so they come back as other numbers:
#       1.0 as 4.6e-41, 1 as 16777216. Nothing in the file tells; arrays read from FITS, HDF5 or old TIFF are like that.
# Output seen: `float32 [4.600602988224807e-41, ...]` and `int32 [16777216, 33554432]`.
set -eu
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env"
"$dir/env/bin/pip" install -q "flax==0.12.8" "jax==0.10.2" "numpy==2.4.6"
"$dir/env/bin/python" - <<'PY'
import sys
import numpy as np
from flax import serialization
wrong = True
for kind in (">f4", ">i4"):
    given = np.array([1, 2], kind)
    back = serialization.msgpack_restore(serialization.to_bytes({"a": given}))["a"]
    print(back.dtype, back.tolist())
    wrong = wrong and np.array_equal(back, given.view(given.dtype.newbyteorder("<")))
sys.exit(not wrong)
PY
