#!/bin/sh
# safetensors 0.8.0 (PyPI), safetensors.numpy.save and save_file.
# Guess: an array comes back as it was given, or is refused, as safetensors.torch refuses what is not contiguous.
# Seen: a transposed (Fortran-ordered) array is written in memory order under its logical shape: other numbers, no error.
#       0.7.0 wrote the same array right. A Flax kernel turned with `.T` for PyTorch's layout is stored wrong this way.
# Output seen: `0.7.0 equal: True` and `0.8.0 equal: False`, with [[0,1,2],[3,4,5]] for [[0,2,4],[1,3,5]].
set -eu
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env"
for version in 0.7.0 0.8.0; do
    "$dir/env/bin/pip" install -q "safetensors==$version" "numpy==2.4.6"
    "$dir/env/bin/python" - "$version" <<'PY'
import sys
import numpy as np, safetensors.numpy as st
array = np.arange(6, dtype=np.float32).reshape(3, 2).T
back = st.load(st.save({"a": array}))["a"]
print(sys.argv[1], "equal:", np.array_equal(back, array), back.tolist())
expected = [[0, 2, 4], [1, 3, 5]] if sys.argv[1] == "0.7.0" else [[0, 1, 2], [3, 4, 5]]
sys.exit(back.tolist() != expected)
PY
done
