"""The model file against its rivals, on this machine: the tables of docs/BENCHMARKS.md.

    python3 Benchmarks/format.py DIRECTORY [--commands .build/release] [--runs 5] [--dtype float16|float32]

Makes checkpoints of DALL·E mini's real size with random weights in DIRECTORY, where they stay for the next time. Needs
zstd, and numpy; with the packages safetensors and gguf it also compares opening. Files are in the page cache when the
clock runs, and everything that writes is synced to the disk: the page cache of others does not count. Runs of rivals
alternate, and what is reported is the median.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy

HERE = Path(__file__).resolve().parent


def run(*command, quiet=True):
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL if quiet else None,
                   stderr=subprocess.DEVNULL if quiet else None)


def output(*command):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout


def sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def used():
    """Processor seconds of all commands so far."""
    times = os.times()
    return times.children_user + times.children_system


def race(runs, rivals):
    """Medians of wall and processor seconds; rivals are (name, function)."""
    walls, works = {name: [] for name, _ in rivals}, {name: [] for name, _ in rivals}
    for _ in range(runs):
        for name, function in rivals:
            work, start = used(), time.perf_counter()
            function()
            walls[name].append(time.perf_counter() - start)
            works[name].append(used() - work)
    first = rivals[0][0]
    print("| | seconds | processor seconds | against the first |\n| --- | --- | --- | --- |")
    for name, _ in rivals:
        ratio = statistics.median(w / f for w, f in zip(walls[name], walls[first]))
        print(f"| {name} | {statistics.median(walls[name]):.2f} | {statistics.median(works[name]):.2f} "
              f"| {ratio:.2f} (best {min(walls[name]) / min(walls[first]):.2f}) |", flush=True)
    print()


def entropy(path):
    """Share of its size to which the byte frequencies of each plane would allow a safetensors file to shrink."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    bits = total = 0
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        width = {"F32": 4, "F16": 2, "BF16": 2}[entry["dtype"]]
        array = numpy.frombuffer(data, numpy.uint8, end - start, 8 + size + start).reshape(-1, width)
        # A tensor's chunks share no table, but their frequencies hardly differ.
        for plane in range(width):
            counts = numpy.bincount(array[:, plane], minlength=256)
            counts = counts[counts > 0]
            bits -= (counts * numpy.log2(counts / counts.sum())).sum()
        total += array.size
    return bits / 8 / total


def bandwidth(threads):
    """Bytes read in a second by threads that sum an array each."""
    arrays = [numpy.ones(1 << 26, numpy.uint64) for _ in range(threads)]
    best = 0
    for _ in range(7):
        workers = [threading.Thread(target=numpy.add.reduce, args=(a,)) for a in arrays]
        start = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        best = max(best, sum(a.nbytes for a in arrays) / (time.perf_counter() - start))
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--commands", type=Path, default=HERE.parent / ".build/release")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--dtype", default="float16")
    parser.add_argument("--model", default="mini")
    parser.add_argument("--only", choices=["converting", "checking", "size", "opening"], action="append")
    options = parser.parse_args()
    wanted = options.only or ["converting", "checking", "size", "opening"]
    convert = options.commands / "dalle-convert"
    out = options.directory
    maker = HERE.parent / "fixtures/make_real_size.py"
    model = out / f"{options.model}-{options.dtype}"
    vqgan = out / "vqgan-float32"
    for path, name, dtype in [(model, options.model, options.dtype), (vqgan, "vqgan", "float32")]:
        if not (path / "config.json").exists():
            run(sys.executable, maker, name, path, "--dtype", dtype)
    source = model / "flax_model.msgpack"
    result, copy = out / "result.dalle", out / "copy"

    def to_file(*command):
        for path in (copy, result):
            path.unlink(missing_ok=True)
        run(*command)
        if copy.exists():
            sync(copy)

    def converting(compression):
        return lambda: to_file(convert, "flax", model, "-o", result, "--compress", compression)

    if "converting" in wanted:
        print(f"## Converting {options.model} in {options.dtype}, {source.stat().st_size / 1e6:.0f} MB\n")
        sync(source)
        source.read_bytes()
        race(options.runs, [("cp", lambda: to_file("cp", source, copy)), ("--compress none", converting("none"))])
        race(options.runs, [("zstd -T2 -3", lambda: to_file("zstd", "-q", "-T2", "-3", source, "-o", copy)),
                            ("--compress zstd:3", converting("zstd:3"))])

    if "checking" in wanted:
        print("## Checking\n")
        to_file(convert, "flax", model, "-o", result, "--compress", "none")
        seconds = statistics.median(
            json.loads(output(convert, "check", result, "--json"))["seconds"] for _ in range(2 * options.runs))
        speed = result.stat().st_size / seconds
        print(f"{speed / 1e9:.1f} GB/s; reading memory: {bandwidth(os.cpu_count()) / 1e9:.1f} GB/s "
              f"with {os.cpu_count()} threads\n", flush=True)

    if "size" in wanted:
        print("## Size\n")
        print("| weights | model file | plain zstd -3 | plain zstd -19 | entropy of the planes |")
        print("| --- | --- | --- | --- | --- |")
        trained = HERE.parent / "fixtures/demo/vqgan"
        for name, source_directory in [("random", vqgan), ("trained (demo)", trained)]:
            for dtype in ["float32", "float16", "bfloat16"]:
                small = out / "small.dalle"
                run(convert, "vqgan", source_directory, "-o", small, "--dtype", dtype, "--force")
                part = json.loads(output(convert, "inspect", small, "--json"))["parts"][0]
                run(convert, "export", small, "-o", out / "exported", "--force")
                tensors = out / "exported/vqgan.safetensors"
                sizes = []
                for level in ("-3", "-19"):
                    if level == "-19" and tensors.stat().st_size > 50e6:
                        sizes.append("")
                        continue
                    run("zstd", "-q", "-f", "-T2", level, tensors, "-o", copy)
                    sizes.append(f"{100 * copy.stat().st_size / tensors.stat().st_size:.1f} %")
                print(f"| {name}, {dtype} | {100 * part['stored'] / part['bytes']:.1f} % | {sizes[0]} | {sizes[1]} "
                      f"| {100 * entropy(tensors):.1f} % |", flush=True)
        print()

    if "opening" in wanted:
        print("## From opening to the first tensor\n")
        to_file(convert, "flax", model, "-o", result, "--compress", "none")
        run(convert, "export", result, "-o", out / "exported", "--force")
        tensors = out / "exported/bart.safetensors"
        name = "bart.decoder.logits.weight"
        rivals = [("dalle-convert inspect", [convert, "inspect", result])]
        python = ("import sys; from safetensors import safe_open; f = safe_open(sys.argv[1], 'numpy'); "
                  f"print(f.get_tensor('{name}')[0][0])")
        rivals.append(("safetensors (Python)", [sys.executable, "-c", python, tensors]))
        gguf_file = out / "copy.gguf"
        try:
            from gguf import GGUFWriter
            from safetensors import safe_open
            writer = GGUFWriter(gguf_file, "dalle")
            with safe_open(tensors, "numpy") as file:
                for key in file.keys():
                    # Names have at most 63 bytes there.
                    writer.add_tensor(key[-63:], file.get_tensor(key))
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
            writer.close()
            python = ("import sys; from gguf import GGUFReader; r = GGUFReader(sys.argv[1]); "
                      f"print(next(t for t in r.tensors if t.name == '{name}').data.flat[0])")
            rivals.append(("gguf (Python)", [sys.executable, "-c", python, gguf_file]))
        except ImportError as error:
            print(f"without GGUF: {error}\n")
        race(2 * options.runs, [(title, lambda command=command: run(*command)) for title, command in rivals])


if __name__ == "__main__":
    main()
