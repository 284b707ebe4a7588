#!/bin/sh
# pillow 13.0.0, opencv-python-headless 5.0.0.93 and numpy 2.4.6 (PyPI), PNG files of 16 bits a sample turned into 8.
# Guess: a reader scales (v * 255 / 65535, rounded), and grey and colour are treated alike.
# Seen: OpenCV and Pillow take the upper byte of colour (0x10F0 becomes 16, where scaling gives 17). Pillow's 16-bit grey is
#       not scaled at all by convert("RGB"): every value over 255 becomes white. A codec that is given such a picture sees a
#       blank sheet, and nothing is raised.
# Output seen: `colour 16 (Pillow) 16 (OpenCV), grey 255 (Pillow) 16 (OpenCV), scaled 17`.
set -eu
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env"
"$dir/env/bin/pip" install -q "pillow==13.0.0" "opencv-python-headless==5.0.0.93" "numpy==2.4.6"
"$dir/env/bin/python" -W ignore - "$dir" <<'PY'
import sys
import cv2, numpy as np
from PIL import Image
value = 0x10F0
colour, grey = f"{sys.argv[1]}/colour.png", f"{sys.argv[1]}/grey.png"
cv2.imwrite(colour, np.full((2, 2, 3), value, np.uint16))
cv2.imwrite(grey, np.full((2, 2), value, np.uint16))
def both(path):
    return Image.open(path).convert("RGB").getpixel((0, 0))[0], int(cv2.imread(path, cv2.IMREAD_COLOR)[0, 0, 0])
found = *both(colour), *both(grey), round(value * 255 / 65535)
print("colour %d (Pillow) %d (OpenCV), grey %d (Pillow) %d (OpenCV), scaled %d" % found)
sys.exit(found != (16, 16, 255, 16, 17))
PY
