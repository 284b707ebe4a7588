"""What others need for the same work, on this machine: min-dalle in PyTorch, and matrix kernels that are known to be fast.

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
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {key.strip(): value.strip() for key, value in facts.items()}
    known = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_int8", "amx_bf16", "amx_fp16")
             if flag in facts.get("flags", "").split()]
    result = dict(cpu=facts.get("model name", platform.processor()), family=facts.get("cpu family"), flags=known,
                  cores=os.cpu_count(), threads=options.threads, system=platform.platform(),
                  python=platform.python_version())
    for package in ("torch", "min_dalle", "onnxruntime", "xllamacpp"):
        if importlib.util.find_spec(package):
            result[package] = importlib.metadata.version(package)
    if "torch" in result:
        probe = ("import torch, time\na = torch.ones(1 << 28)\ntorch.set_num_threads(%d)\nbest = 9\n"
                 "for _ in range(7):\n t = time.perf_counter(); a.sum(); best = min(best, time.perf_counter() - t)\n"
                 "print(4 * len(a) / best / 1e9)\nb = torch.ones(64, 64).bfloat16(); b @ b\n"
                 "print(torch.backends.cpu.get_cpu_capability())" % options.threads)
        told = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True,
                              env=environment(options.threads) | {"ONEDNN_VERBOSE": "1"}).stdout.splitlines()
        result["read_gb_per_second"] = round(next(float(line) for line in told if line[:1].isdigit()), 1)
        result["torch_cpu"] = told[-1]
        result["onednn_isa"] = next((line.split("isa:")[1] for line in told if "cpu,isa:" in line), None)
    return result


def ours(options):
    """The figures of this package: its own benchmark's, and those of whole processes."""
    tool, file = options.command, options.ours
    bench = subprocess.run([tool, "bench", file, "--json"], capture_output=True, text=True)
    if bench.returncode == 0:
        told = json.loads(bench.stdout)
        for stage in told.get("stages") or told.get("checks") or []:
            yield dict(stage, peer="dalle-run", precision=file.stem, images=stage.get("images", 1))
    else:
        print("dalle-run has no bench here: whole runs only", file=sys.stderr)
    with tempfile.TemporaryDirectory() as scratch:
        for images, grid in ((1, []), (9, ["--grid", "3"])):
            start = time.perf_counter()
            process = subprocess.Popen([tool, file, PROMPT, "--seed", "1", *grid, "--quiet", "--force", "-o",
                                        f"{scratch}/image.png", "--threads", str(options.threads)])
            _, status, usage = os.wait4(process.pid, 0)
            if status == 0:
                yield dict(peer="dalle-run", precision=file.stem, name="process", images=images, runs=1,
                           seconds=time.perf_counter() - start, peak_bytes=usage.ru_maxrss * 1024)


def table(figures, own):
    """Figures as Markdown; beside each, what part of its time ours takes."""
    print(f"\n| | precision | stage | images | seconds | best | processor s | runs | peak memory |{' ours / this |' if own else ''}\n"
          f"| --- | --- | --- | --- | --- | --- | --- | --- | --- |{' --- |' if own else ''}")
    for figure in figures:
        if "failed" in figure:
            print(f"| {figure['peer']} | {figure['precision']} | failed: {figure['failed']} | | | | | |")
            continue
        wanted = COUNTERPART.get(figure["name"], figure["name"]), figure["images"]
        matches = [each["seconds"] for each in own if (each["name"], each["images"]) == wanted]
        ratio = f" {statistics.median(matches) / figure['seconds']:.3f} |" if matches else " |" if own else ""
        peak = f"{figure['peak_bytes'] / 2**30:.2f} GiB" if figure.get("peak_bytes") else ""
        work = f"{figure['processor_seconds']:.4g}" if "processor_seconds" in figure else ""
        runs = "derived" if figure.get("derived") else figure.get("runs", "")
        print(f"| {figure['peer']} | {figure['precision']} | {figure['name']} | {figure['images'] or ''} "
              f"| {figure['seconds']:.4g} | {figure.get('best', figure['seconds']):.4g} | {work} | {runs} | {peak} |{ratio}")


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
