"""PyTorch's own kernels without a program around them.
Usage: torch_stages.py WEIGHTS mega|mini PRECISION [--vqgan] --runs N --threads N

Without --vqgan: all matrices of a decoder step, in float32, bfloat16, float16, int8 (dynamically quantised linear
layers), or int8-weights (int8 by row, bfloat16 activations). With it: the image decoder of min-dalle, in one of the
first three and, with " channels last" behind it, in that layout.
"""
import argparse
import warnings
from pathlib import Path

import torch

from measure import attempt, report, step_matmuls, timed

warnings.filterwarnings("ignore")
PEER = "torch"


def linear(precision, inputs, outputs):
    if precision == "int8":
        layer = torch.nn.Sequential(torch.nn.Linear(inputs, outputs, bias=False, dtype=torch.float32))
        return torch.ao.quantization.quantize_dynamic(layer, {torch.nn.Linear}, dtype=torch.qint8)[0]
    if precision == "int8-weights":
        weight = torch.randint(-127, 128, (outputs, inputs), dtype=torch.int8)
        scales = torch.full((outputs,), 0.001, dtype=torch.bfloat16)
        return lambda x: torch._weight_int8pack_mm(x, weight, scales)
    weight = torch.empty(outputs, inputs).uniform_(-0.05, 0.05).to(getattr(torch, precision))
    return lambda x: torch.nn.functional.linear(x, weight)


def matmuls(precision, options):
    dtype = {"int8": torch.float32, "int8-weights": torch.bfloat16}.get(precision) or getattr(torch, precision)
    layers = [(inputs, linear(precision, inputs, outputs))
              for layer in step_matmuls(options.model, 32 if precision == "int8-weights" else 1)
              for inputs, outputs in layer]
    for images in (1, 9):
        states = {inputs: torch.randn(2 * images, inputs).to(dtype) for inputs, _ in layers}

        def step():
            for inputs, layer in layers:
                layer(states[inputs])

        report(PEER, precision, "step matmuls", images, *timed(step, options.runs))


def vqgan(precision, options):
    from min_dalle.models import VQGanDetokenizer
    dtype, channels_last = getattr(torch, precision.split()[0]), precision.endswith("last")
    model = VQGanDetokenizer().eval()
    model.load_state_dict(torch.load(options.weights / "detoker.pt"))
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    for images in (1, 9):
        codes = torch.randint(16384, (images, 256))

        def paint():
            with torch.autocast("cpu", dtype=dtype, enabled=dtype != torch.float32):
                model(False, codes)

        report(PEER, precision, "vqgan", images, *timed(paint, options.runs if images == 1 else 2))


parser = argparse.ArgumentParser()
parser.add_argument("weights", type=Path)
parser.add_argument("model")
parser.add_argument("precision")
parser.add_argument("--vqgan", action="store_true")
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--threads", type=int, default=2)
options = parser.parse_args()
torch.manual_seed(1)
torch.set_num_threads(options.threads)
torch.set_grad_enabled(False)
attempt(PEER, options.precision, vqgan if options.vqgan else matmuls, options)
