#!/bin/sh
# PyTorch 2.13.0 (PyPI), torch.save with `pickle_protocol` and torch.load with its default weights_only=True.
# Guess: what torch.save writes from nothing but a dictionary of tensors torch.load reads.
# Seen: files of protocols 4 and 5, zip or legacy, are refused ("Unsupported operand 149", the FRAME opcode) although they
#       hold tensors only; with weights_only=False they are read. 2 and 3 are read. Readers that accept all of them read
#       more of PyTorch's own files than PyTorch does.
# Output seen: `zip 2 read, 3 read, 4 refused, 5 refused; legacy 2 read, 3 read, 4 refused, 5 refused`.
set -eu
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env"
"$dir/env/bin/pip" install -q "torch==2.13.0" "numpy==2.4.6"
"$dir/env/bin/python" -W ignore - <<'PY'
import io, sys
import torch
lines = []
for container in (True, False):
    found = []
    for protocol in (2, 3, 4, 5):
        file = io.BytesIO()
        torch.save({"a": torch.ones(2)}, file, pickle_protocol=protocol, _use_new_zipfile_serialization=container)
        file.seek(0)
        try:
            torch.load(file)
            found.append(f"{protocol} read")
        except Exception as error:
            found.append(f"{protocol} refused" if "Unsupported operand 149" in str(error) else f"{protocol} {error!r}")
        file.seek(0)
        assert torch.load(file, weights_only=False)["a"].tolist() == [1, 1]
    lines.append(("zip " if container else "legacy ") + ", ".join(found))
print("; ".join(lines))
expected = "2 read, 3 read, 4 refused, 5 refused"
sys.exit(lines != ["zip " + expected, "legacy " + expected])
PY
