"""min-dalle stage by stage. Usage: min_dalle_stages.py WEIGHTS mega|mini PRECISION --runs N --threads N [--whole]

The package is as published but for two things: it finds the weights here instead of asking for them over the network,
and its autocast is the CPU's (it names CUDA's, which does nothing here, and then its types do not match).
"""
import time

START = time.perf_counter()

import argparse
import functools
import itertools
import tempfile
import types
import warnings
from pathlib import Path

import torch

from measure import POSITIONS, attempt, report, timed

warnings.filterwarnings("ignore")
PEER = "min-dalle"
PROMPT = "a red fox in the snow"


def load(weights, model, dtype):
    import min_dalle.min_dalle as package
    package.requests = types.SimpleNamespace(get=lambda *_: None)
    torch.cuda.amp.autocast = functools.partial(torch.autocast, "cpu")
    with tempfile.TemporaryDirectory() as root:
        for file in weights.iterdir():
            folder = Path(root) / ("vqgan" if file.name == "detoker.pt" else f"dalle_bart_{model}")
            folder.mkdir(exist_ok=True)
            (folder / file.name).symlink_to(file.resolve())
        return package.MinDalle(root, dtype=dtype, device="cpu", is_mega=model == "mega", is_verbose=False)


def measure(precision, options):
    dtype = getattr(torch, precision)
    drawer = load(options.weights, options.model, dtype)
    torch.set_num_threads(options.threads)
    loading = report(PEER, precision, "load", 0, [time.perf_counter() - START], [time.process_time()])

    text = torch.ones(2, 64, dtype=torch.long)
    ids = drawer.tokenizer.tokenize(PROMPT)[:64]
    text[0, :2] = torch.tensor([ids[0], ids[-1]])
    text[1, :len(ids)] = torch.tensor(ids)
    settings = torch.tensor([1.0, 256, 16])

    def cast():
        return torch.autocast("cpu", dtype=dtype)

    def encode():
        with cast():
            return drawer.encoder(text)

    encoding = report(PEER, precision, "encode", 1, *timed(encode, options.runs))
    state = encode()
    for images in (1, 9):
        rows = [0] * images + [1] * images
        cache = torch.zeros(drawer.layer_count, images * 4, 256, drawer.embed_count)
        previous = torch.zeros(images, 1, dtype=torch.long)
        arguments = dict(settings=settings, attention_mask=text[rows].not_equal(1)[:, None, None, :],
                         encoder_state=state[rows], attention_state=cache, prev_tokens=previous)
        turn = itertools.cycle(POSITIONS)

        def step():
            with cast():
                drawer.decoder.sample_tokens(token_index=torch.tensor([next(turn)]), **arguments)

        runs = max(3, options.runs if images > 1 else 3 * options.runs)
        stepping = report(PEER, precision, "step", images, *timed(step, runs))
        codes = torch.randint(16384, (images, 256))
        painting = report(PEER, "float32", "vqgan", images, *timed(lambda: drawer.detokenizer(False, codes),
                                                                    options.runs if images == 1 else 2))
        drawing = [e + 256 * s + p for e, s, p in zip(encoding, stepping, painting)]
        report(PEER, precision, "image", images, drawing[:1], drawing[1:], derived=True)
        whole = [l + d for l, d in zip(loading, drawing)]
        report(PEER, precision, "process", images, whole[:1], whole[1:], derived=True)
        del cache, arguments
        if options.whole:
            begin, work = time.perf_counter(), time.process_time()
            drawer.generate_image(text=PROMPT, seed=1, grid_size=3 if images == 9 else 1)
            report(PEER, precision, "image", images, [time.perf_counter() - begin], [time.process_time() - work])


parser = argparse.ArgumentParser()
parser.add_argument("weights", type=Path)
parser.add_argument("model")
parser.add_argument("precision")
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--whole", action="store_true")
options = parser.parse_args()
torch.manual_seed(1)
attempt(PEER, options.precision, measure, options)
