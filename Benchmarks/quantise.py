"""The throughput of dalle-quant: in turns with reading the same file and copying what comes of it.

    python3 Benchmarks/quantise.py MODEL.dalle [--scheme int8 …] [--runs 3] [--commands .build/release …]
                                           [--space DIRECTORY]

Writes beside the model, or elsewhere, two files of the result's size, and removes them. What is written is synced to the
disk on both sides, and the model is read once before a turn, so that it comes from the page cache where there is memory
for it. Several directories of commands take turns too.
"""
import argparse
import os
import shutil
import statistics
import time
from pathlib import Path


def run(*command):
    """Wall and processor seconds of a command, and the most memory that it took, in MiB."""
    start = time.perf_counter()
    silent = [(os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_WRONLY, 0) for number in (1, 2)]
    process = os.posix_spawnp(command[0], [str(c) for c in command], os.environ, file_actions=silent)
    _, status, usage = os.wait4(process, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(str(c) for c in command)} failed")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def race(model, scheme, commands, runs, space):
    result, copy = space / "result.dalle", space / "copy.dalle"
    found = {name: [] for name in ["cat, cp, sync", *commands]}
    ratios = {name: [] for name in found}
    for _ in range(runs):
        roots = set()
        for directory in commands:
            run("cat", model)
            result.unlink(missing_ok=True)
            found[directory].append(
                run(f"{directory}/dalle-quant", f"--{scheme}", model, "-o", result, "--progress", "none"))
            # The head holds the root, which covers the whole file.
            with result.open("rb") as file:
                roots.add(file.read(64))
        if len(roots) > 1:
            print("the results differ")
        run("cat", model)
        copy.unlink(missing_ok=True)
        found["cat, cp, sync"].append(
            run("sh", "-c", 'cat "$1" > /dev/null; cp "$2" "$3"; sync "$3"', "sh", model, result, copy))
        for name in found:
            ratios[name].append(found[name][-1][0] / found["cat, cp, sync"][-1][0])
    print(f"{scheme}, {result.stat().st_size / 1e9:.2f} GB\n")
    print("| | seconds | processor seconds | peak MiB | against a copy |\n| --- | --- | --- | --- | --- |")
    for name, turns in found.items():
        wall, work, peak = (statistics.median(turn[i] for turn in turns) for i in range(3))
        print(f"| {name} | {wall:.2f} | {work:.2f} | {peak:.0f} | {statistics.median(ratios[name]):.2f} "
              f"(best {min(t[0] for t in turns) / min(t[0] for t in found['cat, cp, sync']):.2f}) |", flush=True)
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--scheme", action="append")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--commands", action="append")
    parser.add_argument("--space", type=Path, help="where to write")
    options = parser.parse_args()
    space = (options.space or options.model.parent) / "quantise.tmp"
    space.mkdir()
    try:
        for scheme in options.scheme or ["int8", "int4"]:
            race(options.model, scheme, options.commands or [".build/release"], options.runs, space)
    finally:
        shutil.rmtree(space)


main()
