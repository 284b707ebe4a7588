"""What others need for the same work on this machine: min-dalle in PyTorch, and matrix kernels known to be fast.

    python3 peers.py DIRECTORY --model mega|mini [--only min-dalle torch …] [--precisions float32 bfloat16 …]
            [--runs 5] [--threads 2] [--whole] [--ours FILE.dalle [--command dalle-run]] [--json OUT.json]

DIRECTORY has min-dalle's files (encoder.pt, decoder.pt, detoker.pt, vocab.json, merges.txt);
`fixtures/make_real_size_torch.py min-dalle[-mega] DIRECTORY` makes some with random weights. README.md says what is
measured and how. Each peer and precision is a process of its own, so that peak memory is its own too. A peer whose
package is not installed is left out, aloud. --ours measures `dalle-run bench FILE --json`, and whole runs of
`dalle-run`, before the peers and after them, and prints what part of the peers' time it takes.
"""
import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROMPT = "a red fox in the snow"
# Packages, and precisions, of each peer.
PEERS = {
    "min-dalle": (("torch", "min_dalle"), ("float32", "bfloat16", "float16")),
    "vqgan": (("torch", "min_dalle"),
              ("float32", "float32 channels last", "bfloat16", "bfloat16 channels last", "float16")),
    "torch": (("torch",), ("float32", "bfloat16", "float16", "int8", "int8-weights")),
    "onnxruntime": (("onnx", "onnxruntime"), ("float32", "int8", "int8-blocks", "int4-blocks")),
    "ggml": (("xllamacpp",), ("f16", "q8_0", "q4_0")),
}
# What has no part of ours of the same name is held against another one.
COUNTERPART = {"step matmuls": "step"}
INTERESTING = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_int8", "amx_bf16", "amx_fp16")
# What PyTorch makes of this machine, and the speed at which it reads 1 GiB.
PROBE = """
import sys, time, torch
torch.set_num_threads(int(sys.argv[1]))
numbers, small, times = torch.ones(1 << 28), torch.ones(64, 64, dtype=torch.bfloat16), []
small @ small
for _ in range(7):
    start = time.perf_counter()
    numbers.sum()
    times.append(time.perf_counter() - start)
print(torch.backends.cpu.get_cpu_capability())
print(round(4 * len(numbers) / min(times) / 1e9, 1))
"""
# PyTorch's large blocks come fresh from the system each time, page by page; so it keeps them.
KEEP_MEMORY = dict(MALLOC_MMAP_THRESHOLD_="4000000000", MALLOC_TRIM_THRESHOLD_="8000000000")


def command(peer, precision, options):
    common = ["--runs", options.runs, "--threads", options.threads]
    if peer == "min-dalle":
        return ["min_dalle_stages.py", options.weights, options.model, precision, *common,
                *(["--whole"] if options.whole else [])]
    if peer in ("torch", "vqgan"):
        return ["torch_stages.py", options.weights, options.model, precision, *common,
                *(["--vqgan"] if peer == "vqgan" else [])]
    library = ["--library", options.ggml] if peer == "ggml" and options.ggml else []
    return [f"{peer}_stages.py", options.model, precision, *common, *library]


def environment(threads):
    """Without settings that make a library slower than it is as installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    return kept | {"OMP_NUM_THREADS": str(threads)}


def figures_of(words, settings):
    """Runs a peer's script and yields its lines."""
    process = subprocess.Popen([sys.executable, *map(str, words)], cwd=HERE, stdout=subprocess.PIPE, text=True,
                               env=settings)
    for line in process.stdout:
        yield json.loads(line)
    if process.wait() != 0:
        yield dict(failed=f"stopped with status {process.returncode}")


def machine(options):
    """What the figures belong to."""
    path = Path("/proc/cpuinfo")
    pairs = (line.partition(":") for line in path.read_text().splitlines()) if path.exists() else ()
    cpu = {key.strip(): value.strip() for key, _, value in pairs}
    flags = cpu.get("flags", "").split()
    result = dict(cpu=cpu.get("model name", platform.processor()), family=cpu.get("cpu family"), cores=os.cpu_count(),
                  threads=options.threads, flags=[flag for flag in flags if flag in INTERESTING],
                  system=platform.platform(), python=platform.python_version())
    for package in ("torch", "min_dalle", "onnxruntime", "xllamacpp"):
        if importlib.util.find_spec(package):
            result[package] = importlib.metadata.version(package)
    if "torch" in result:
        settings = environment(options.threads) | {"ONEDNN_VERBOSE": "1"}
        told = subprocess.run([sys.executable, "-c", PROBE, str(options.threads)], capture_output=True, text=True,
                              check=True, env=settings).stdout.splitlines()
        result["onednn"] = next((line.split("isa:")[1] for line in told if "cpu,isa:" in line), None)
        result["torch_cpu"], result["read_gb_per_second"] = told[-2], float(told[-1])
    return result


def ours(options):
    """The figures of this package: its own benchmark's, and those of whole processes."""
    common = dict(peer="dalle-run", precision=options.ours.stem)
    start = [options.command, options.ours, "--threads", str(options.threads), "--quiet"]
    bench = subprocess.run([options.command, "bench", *start[1:], "--json"], capture_output=True, text=True)
    if bench.returncode == 0:
        for stage in json.loads(bench.stdout)["stages"]:
            name, _, rows = stage["name"].partition(", batch ")  # two rows for each image
            yield stage | common | dict(name=name, images=int(rows or 2) // 2)
    else:
        print(f"no figures of stages: {bench.stderr.strip()}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as scratch:
        for images, grid in ((1, []), (9, ["--grid", "3"])):
            begin = time.perf_counter()
            process = subprocess.Popen([*start, PROMPT, "--seed", "1", *grid, "-o", f"{scratch}/{images}.png"],
                                       stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            if status == 0:
                yield common | dict(name="process", images=images, runs=1, seconds=time.perf_counter() - begin,
                                    processor_seconds=usage.ru_utime + usage.ru_stime,
                                    peak_bytes=usage.ru_maxrss * 1024)


def table(figures, own):
    """Figures as Markdown; beside each, what part of its time ours takes."""
    heads = ["", "precision", "stage", "images", "seconds", "best", "processor s", "runs", "peak memory"]
    rows = [heads + (["ours / this"] if own else [])]
    rows.append(["---"] * len(rows[0]))
    for figure in figures:
        row = [figure["peer"], figure["precision"]]
        if "failed" in figure:
            row.append("failed: " + figure["failed"])
        else:
            times = [figure[key] if key in figure else None for key in ("seconds", "best", "processor_seconds")]
            row += [figure["name"], figure["images"] or "", *(f"{t:.4g}" if t is not None else "" for t in times)]
            row.append("derived" if figure.get("derived") else figure.get("runs", ""))
            row.append(f"{figure['peak_bytes'] / 2**30:.2f} GiB" if "peak_bytes" in figure else "")
            wanted = COUNTERPART.get(figure["name"], figure["name"]), figure["images"]
            matches = [each["seconds"] for each in own if (each["name"], each["images"]) == wanted]
            matches = [] if figure in own else matches
            row += [f"{statistics.median(matches) / figure['seconds']:.3f}"] if matches else []
        rows.append(row + [""] * (len(rows[0]) - len(row)))
    print("\n" + "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=lambda text: Path(text).resolve(), metavar="DIRECTORY")
    parser.add_argument("--model", choices=("mega", "mini"), required=True)
    parser.add_argument("--only", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--precisions", nargs="+", help="of those that a peer has (default: all)")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--whole", action="store_true", help="also draw with min-dalle, all 256 steps")
    parser.add_argument("--ours", type=lambda text: Path(text).resolve(), metavar="FILE.dalle")
    parser.add_argument("--command", default=shutil.which("dalle-run") or ".build/release/dalle-run")
    parser.add_argument("--ggml", type=Path, metavar="FILE", help="a shared library of another build of ggml")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    facts = machine(options)
    facts["load_before"] = os.getloadavg()[0]
    own = list(ours(options)) if options.ours else []
    figures = []

    def keep(facts, stages):
        facts["load_after"] = os.getloadavg()[0]
        if options.json:
            options.json.write_text(json.dumps(dict(machine=facts, model=options.model, stages=stages), indent=1))

    for peer in options.only:
        packages, precisions = PEERS[peer]
        missing = [package for package in packages if not importlib.util.find_spec(package)]
        if missing and not (peer == "ggml" and options.ggml):
            print(f"{peer} is left out: {', '.join(missing)} not installed", file=sys.stderr)
            continue
        for precision in precisions:
            if options.precisions and precision not in options.precisions:
                continue
            if precision == "float16" and not options.precisions and "avx512_fp16" not in facts["flags"]:
                print(f"{peer} in float16 is left out: no instructions for it here", file=sys.stderr)
                continue
            settings = environment(options.threads) | (KEEP_MEMORY if peer == "vqgan" else {})
            for figure in figures_of(command(peer, precision, options), settings):
                figures.append(dict(peer=peer, precision=precision) | figure | dict(load=os.getloadavg()[0]))
                print(json.dumps(figures[-1]), file=sys.stderr)
            keep(facts, own + figures)
    own += list(ours(options)) if options.ours else []
    keep(facts, own + figures)
    print(f"{options.model}: " + ", ".join(f"{key} {value}" for key, value in facts.items()))
    table(own + figures, own)


main()
