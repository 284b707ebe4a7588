"""ggml's matrix kernels, the ones of llama.cpp.
Usage: ggml_stages.py mega|mini f16|q8_0|q4_0 --runs N --threads N [--library FILE]

The library is any shared one with ggml's C interface inside; without --library it is the one in the package xllamacpp.
Weights lie in the buffer that ggml itself prefers for the type (its repacked layout, where it has one).
"""
import argparse
import ctypes
import importlib.util
from ctypes import POINTER, Structure, c_bool, c_char_p, c_float, c_int, c_int64, c_size_t, c_void_p
from pathlib import Path

from measure import attempt, report, step_matmuls, timed

PEER = "ggml"
TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 8}
LOG = ctypes.CFUNCTYPE(None, c_int, c_char_p, c_void_p)
QUIET = LOG(lambda level, text, data: None)


class Parameters(Structure):
    _fields_ = [("size", c_size_t), ("buffer", c_void_p), ("no_alloc", c_bool)]


def library(path):
    path = path or next(Path(importlib.util.find_spec("xllamacpp").origin).parent.glob("*.so"))
    ggml = ctypes.CDLL(str(path))

    def declare(result, name, *arguments):
        function = getattr(ggml, name)
        function.restype, function.argtypes = result, arguments

    declare(None, "ggml_log_set", LOG, c_void_p)
    ggml.ggml_log_set(QUIET, None)
    declare(c_void_p, "ggml_init", Parameters)
    declare(c_void_p, "ggml_new_tensor_2d", c_void_p, c_int, c_int64, c_int64)
    declare(c_void_p, "ggml_mul_mat", c_void_p, c_void_p, c_void_p)
    declare(c_void_p, "ggml_new_graph", c_void_p)
    declare(None, "ggml_build_forward_expand", c_void_p, c_void_p)
    declare(c_size_t, "ggml_nbytes", c_void_p)
    declare(c_size_t, "ggml_quantize_chunk", c_int, POINTER(c_float), c_void_p, c_int64, c_int64, c_int64, c_void_p)
    declare(c_void_p, "ggml_backend_cpu_init")
    declare(None, "ggml_backend_cpu_set_n_threads", c_void_p, c_int)
    declare(c_void_p, "ggml_backend_get_device", c_void_p)
    declare(c_void_p, "ggml_backend_dev_backend_reg", c_void_p)
    declare(c_void_p, "ggml_backend_reg_get_proc_address", c_void_p, c_char_p)
    declare(c_bool, "ggml_backend_dev_supports_op", c_void_p, c_void_p)
    declare(c_void_p, "ggml_backend_cpu_buffer_type")
    declare(c_char_p, "ggml_backend_buft_name", c_void_p)
    declare(c_void_p, "ggml_backend_alloc_ctx_tensors_from_buft", c_void_p, c_void_p)
    declare(None, "ggml_backend_tensor_set", c_void_p, c_void_p, c_size_t, c_size_t)
    declare(c_int, "ggml_backend_graph_compute", c_void_p, c_void_p)
    return ggml


class Products:
    """Everything that a step multiplies by, in memory, ready for states of any number of rows."""

    def __init__(self, ggml, precision, shapes, threads):
        self.ggml, self.type, self.shapes = ggml, TYPES[precision], shapes
        self.backend = ggml.ggml_backend_cpu_init()
        ggml.ggml_backend_cpu_set_n_threads(self.backend, threads)
        self.plain = ggml.ggml_backend_cpu_buffer_type()
        self.kind = next((kind for kind in self.extra_kinds() if self.suits(kind)), self.plain)
        context = self.context()
        self.weights = [ggml.ggml_new_tensor_2d(context, self.type, *shape) for shape in shapes]
        self.allocate(context, self.kind)
        data = {shape: self.numbers(shape) for shape in set(shapes)}
        for tensor, shape in zip(self.weights, shapes):
            ggml.ggml_backend_tensor_set(tensor, data[shape], 0, ggml.ggml_nbytes(tensor))

    def context(self):
        return self.ggml.ggml_init(Parameters(4 << 20, None, True))

    def allocate(self, context, kind):
        if not self.ggml.ggml_backend_alloc_ctx_tensors_from_buft(context, kind):
            raise MemoryError("ggml has no memory for the tensors")

    def extra_kinds(self):
        """The layouts of its own that this ggml has for weights, best first."""
        device = self.ggml.ggml_backend_get_device(self.backend)
        registry = self.ggml.ggml_backend_dev_backend_reg(device)
        address = self.ggml.ggml_backend_reg_get_proc_address(registry, b"ggml_backend_dev_get_extra_bufts")
        listed = ctypes.CFUNCTYPE(POINTER(c_void_p), c_void_p)(address)(device) if address else None
        index = 0
        while listed and listed[index]:
            yield listed[index]
            index += 1

    def suits(self, kind):
        context = self.context()
        weight = self.ggml.ggml_new_tensor_2d(context, self.type, 1024, 1024)
        self.allocate(context, kind)
        others = self.context()
        product = self.ggml.ggml_mul_mat(others, weight, self.ggml.ggml_new_tensor_2d(others, 0, 1024, 2))
        return self.ggml.ggml_backend_dev_supports_op(self.ggml.ggml_backend_get_device(self.backend), product)

    def numbers(self, shape):
        """Packed weights: one row again and again, which takes the same time as others."""
        inputs, outputs = shape
        row = (c_float * inputs)(*(0.05 * ((i * 2654435761 & 0xFFFF) / 32768 - 1) for i in range(inputs)))
        packed = ctypes.create_string_buffer(inputs * 4)
        count = self.ggml.ggml_quantize_chunk(self.type, row, packed, 0, 1, inputs, None)
        return packed.raw[:count] * outputs

    def step(self, rows):
        context = self.context()
        graph = self.ggml.ggml_new_graph(context)
        states = {inputs: self.ggml.ggml_new_tensor_2d(context, 0, inputs, rows) for inputs, _ in self.shapes}
        for weight, (inputs, _) in zip(self.weights, self.shapes):
            self.ggml.ggml_build_forward_expand(graph, self.ggml.ggml_mul_mat(context, weight, states[inputs]))
        self.allocate(context, self.plain)
        for inputs, state in states.items():
            values = (c_float * (inputs * rows))(*(((i * 40503) & 1023) / 512 - 1 for i in range(inputs * rows)))
            self.ggml.ggml_backend_tensor_set(state, values, 0, ctypes.sizeof(values))

        def compute():
            if self.ggml.ggml_backend_graph_compute(self.backend, graph) != 0:
                raise RuntimeError("ggml could not compute the products")

        return compute


def measure(precision, options):
    ggml = library(options.library)
    shapes = [shape for layer in step_matmuls(options.model, multiple=32) for shape in layer]
    products = Products(ggml, precision, shapes, options.threads)
    has = [name for name in ("avx2", "avx512", "avx512_vnni", "avx512_bf16", "amx_int8", "neon", "dotprod")
           if hasattr(ggml, f"ggml_cpu_has_{name}") and getattr(ggml, f"ggml_cpu_has_{name}")()]
    for images in (1, 9):
        report(PEER, precision, "step matmuls", images, *timed(products.step(2 * images), options.runs),
               layout=ggml.ggml_backend_buft_name(products.kind).decode(), instruction_sets=has)


parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("precision")
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--library", type=Path)
options = parser.parse_args()
attempt(PEER, options.precision, measure, options)
