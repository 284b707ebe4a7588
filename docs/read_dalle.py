"""Reads a .dalle file, written from FORMAT.md alone.

    python3 docs/read_dalle.py FILE

Prints a line for each tensor: name, type, shape, and the CRC-32 of its bytes in the plain layout; those of whole numbers
with scales as the floats they stand for. Compressed chunks need
Python 3.14 or the package zstandard; checksums are compared if the package xxhash is there.
"""
import math
import struct
import sys
import zlib

try:
    from compression.zstd import decompress
except ImportError:
    try:
        from zstandard import ZstdDecompressor

        def decompress(frame):
            return ZstdDecompressor().decompress(frame)
    except ImportError:
        decompress = None
try:
    import xxhash
except ImportError:
    xxhash = None

SIZES = dict(float64=8, float32=4, float16=2, bfloat16=2, int64=8, int32=4, int16=2, int8=1, uint64=8, uint32=4,
             uint16=2, uint8=1, bool=1)


class Damaged(Exception):
    pass


def require(condition, message):
    if not condition:
        raise Damaged(message)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        require(0 <= count <= len(self.data) - self.at, f"{count} bytes are declared at {self.at}")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize(form)))[0]

    def text(self):
        return self.take(self.number("I")).decode("utf-8")

    def list(self, item):
        return [item() for _ in range(self.number("I"))]

    def value(self):
        tag = self.number("B")
        if tag in (1, 2):
            return tag == 2
        if tag == 3:
            return self.number("q")
        if tag == 4:
            return self.number("d")
        if tag == 5:
            return self.text()
        if tag == 6:
            return self.list(self.value)
        require(tag == 7, f"a value of type {tag}")
        return dict(self.list(lambda: (self.text(), self.value())))

    def component(self):
        return dict(name=self.text(), kind=self.text(), configuration=self.value())

    def tensor(self):
        return dict(name=self.text(), dtype=self.text(), layout=self.text(), version=self.number("I"),
                    shape=self.list(lambda: self.number("Q")), bytes=self.number("Q"), digest=self.take(16),
                    chunk_bytes=self.number("Q"),
                    chunks=self.list(lambda: (self.number("B"), self.number("Q"), self.number("Q"), self.number("Q"))))


class Model:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        head = Reader(self.data[:64])
        require(head.take(8) == b"\x89DALLE\r\n", "no .dalle file")
        version = head.number("I")
        require(version == 1, f"format version {version}")
        head.number("I")
        start, count = head.number("Q"), head.number("Q")
        root = head.take(16)
        require(start + count == len(self.data), "cut off")
        index = self.data[start:]
        require(xxhash is None or xxhash.xxh3_128_digest(index) == root, "the index is damaged")
        reader = Reader(index)
        self.features = reader.list(reader.text)
        unknown = set(self.features) - {"zstd-planes"}
        require(not unknown, f"needs {unknown}")
        self.metadata = reader.value()
        self.components = reader.list(reader.component)
        self.tensors = reader.list(reader.tensor)
        require(reader.at == len(index), "bytes after the index")

    def bytes(self, tensor):
        """A tensor's bytes in its own layout."""
        out, left = [], tensor["bytes"]
        for tag, offset, count, checksum in tensor["chunks"]:
            raw = min(left, tensor["chunk_bytes"])
            chunk = self.data[offset:offset + count]
            require(xxhash is None or xxhash.xxh3_64_intdigest(chunk) == checksum, f"{tensor['name']} is damaged")
            out.append(decode(tag, chunk, raw))
            left -= raw
        return b"".join(out)


    def elements(self, tensor, data):
        """The bytes in the plain layout: row by row, little-endian."""
        layout = (tensor["layout"], tensor["version"])
        if layout == ("plain", 1):
            return data
        rows, columns = tensor["shape"][0], 1
        for extent in tensor["shape"][1:]:
            columns *= extent
        require(tensor["dtype"] == "float32" and rows * columns > 0, f"{tensor['name']} is no matrix of floats")
        require(layout in (("int8-rows", 1), ("int4-rows", 1)), f"{tensor['name']} has the layout {layout}")
        padded = -(-columns // 64) * 64
        stride = padded if layout[0] == "int8-rows" else padded // 32 * 17
        start = -(-rows * stride // 64) * 64
        require(len(data) == start + 4 * rows, f"{tensor['name']} has {len(data)} bytes")
        out = []
        for row in range(rows):
            packed = data[row * stride:(row + 1) * stride]
            numbers = struct.unpack(f"<{padded}b", packed) if layout[0] == "int8-rows" else expand(packed, padded)
            scale, = struct.unpack_from("<f", data, start + 4 * row)
            require(min(numbers) >= -127 and not any(numbers[columns:]), f"row {row} of {tensor['name']}")
            require(math.isfinite(scale), f"the scale of row {row} of {tensor['name']}")
            # A product of two floats is exact in Python's doubles; packing rounds it once.
            out.append(struct.pack(f"<{columns}f", *(number * scale for number in numbers[:columns])))
        return b"".join(out)


MULTIPLIERS = [1, 2, 4, 6, 8, 10, 12, 15, -1, -2, -4, -6, -8, -10, -12, -15]


def expand(packed, padded):
    """The numbers of a row of int4-rows."""
    numbers = []
    for block in range(0, padded // 2, 32):
        half = packed[block:block + 32]
        numbers += [(byte & 15) - 8 for byte in half] + [(byte >> 4) - 8 for byte in half]
    codes = [code for byte in packed[padded // 2:] for code in (byte & 15, byte >> 4)]
    return [number * MULTIPLIERS[codes[i // 16]] for i, number in enumerate(numbers)]


def decode(tag, chunk, size):
    planes, moves_sign = tag & 0x0F, bool(tag & 0x10)
    if planes == 0:
        return chunk
    reader = Reader(chunk)
    lengths = [reader.number("I") for _ in range(planes)]
    parts = []
    for length in lengths:
        part = reader.take(length)
        if length < size // planes:
            require(decompress is not None, "zstandard is not installed")
            part = decompress(part)
        parts.append(part)
    require(reader.at == len(chunk), "bytes after the planes")
    out = bytearray(size)
    for plane, part in enumerate(parts):
        out[plane::planes] = part
    if not moves_sign:
        return bytes(out)
    bits = 8 * planes
    letter = {2: "H", 4: "I", 8: "Q"}[planes]
    elements = struct.unpack(f"<{size // planes}{letter}", out)
    return struct.pack(f"<{size // planes}{letter}", *(e >> 1 | (e & 1) << (bits - 1) for e in elements))


def main():
    model = Model(sys.argv[1])
    for tensor in model.tensors:
        data = model.bytes(tensor)
        count = SIZES[tensor["dtype"]]
        for extent in tensor["shape"]:
            count *= extent
        require(xxhash is None or xxhash.xxh3_128_digest(data) == tensor["digest"], f"digest of {tensor['name']}")
        require(len(data) == tensor["bytes"], f"{tensor['name']} has {len(data)} bytes")
        data = model.elements(tensor, data)
        require(len(data) == count, f"{tensor['name']} has {len(data)} bytes of elements")
        print(tensor["name"], tensor["dtype"], tensor["shape"], f"{zlib.crc32(data):08x}")


if __name__ == "__main__":
    try:
        main()
    except Damaged as error:
        sys.exit(f"{sys.argv[1]}: {error}")
