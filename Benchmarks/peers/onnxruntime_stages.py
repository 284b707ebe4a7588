"""ONNX Runtime's matrix kernels. Usage: onnxruntime_stages.py mega|mini PRECISION --runs N --threads N

int8: activations and weights (DynamicQuantizeMatMul); int8-blocks and int4-blocks: weights in groups of 32
(MatMulNBits) with int8 arithmetic. A width that is no multiple of 32 becomes the next one.
"""
import argparse

import numpy
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from measure import attempt, report, step_matmuls, timed

PEER = "onnxruntime"
RANDOM = numpy.random.default_rng(1)


def node(precision, index, inputs, outputs):
    """One product, and the arrays that it needs."""
    names = [f"x{inputs}"]
    if precision == "float32":
        arrays = [RANDOM.standard_normal((inputs, outputs), numpy.float32)]
        operation, attributes = "MatMul", {}
    elif precision == "int8":
        arrays = [RANDOM.integers(-127, 128, (inputs, outputs), numpy.int8), numpy.full(outputs, 0.001, numpy.float32)]
        operation, attributes = "DynamicQuantizeMatMul", dict(domain="com.microsoft")
    else:
        bits = 8 if precision == "int8-blocks" else 4
        arrays = [RANDOM.integers(0, 256, (outputs, inputs // 32, 4 * bits), numpy.uint8),
                  numpy.full(outputs * inputs // 32, 0.001, numpy.float32)]
        operation = "MatMulNBits"
        attributes = dict(domain="com.microsoft", K=inputs, N=outputs, bits=bits, block_size=32, accuracy_level=4)
    tensors = [numpy_helper.from_array(array, f"w{index}.{part}") for part, array in enumerate(arrays)]
    names += [tensor.name for tensor in tensors]
    return helper.make_node(operation, names, [f"y{index}"], **attributes), tensors


def session(precision, shapes):
    """Makes sessions that compute all products of a layer, each with its own weights in memory."""
    parts = [node(precision, index, *shape) for index, shape in enumerate(shapes)]
    graph = helper.make_graph(
        [part for part, _ in parts], "products",
        [helper.make_tensor_value_info(f"x{width}", onnx.TensorProto.FLOAT, [None, width])
         for width in sorted({inputs for inputs, _ in shapes})],
        [helper.make_tensor_value_info(f"y{index}", onnx.TensorProto.FLOAT, [None, outputs])
         for index, (_, outputs) in enumerate(shapes)],
        [tensor for _, tensors in parts for tensor in tensors])
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 17),
                                                                   helper.make_opsetid("com.microsoft", 1)])
    settings = onnxruntime.SessionOptions()
    settings.use_per_session_threads = False  # or those of all sessions would wait busily for each other
    data = model.SerializeToString()
    return lambda: onnxruntime.InferenceSession(data, settings, providers=["CPUExecutionProvider"])


def measure(precision, options):
    layers = step_matmuls(options.model, 32 if precision.endswith("blocks") else 1)
    first, last = session(precision, layers[0]), session(precision, layers[-1])
    sessions = [first() for _ in layers[1:]] + [last()]
    for images in (1, 9):
        states = {f"x{width}": RANDOM.standard_normal((2 * images, width), numpy.float32)
                  for width, _ in layers[0]}
        inputs = [{each.name: states[each.name] for each in session.get_inputs()} for session in sessions]

        def step():
            for session, values in zip(sessions, inputs):
                session.run(None, values)

        report(PEER, precision, "step matmuls", images, *timed(step, options.runs))


parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("precision")
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--threads", type=int, default=2)
options = parser.parse_args()
onnxruntime.set_global_thread_pool_sizes(options.threads, 1)
attempt(PEER, options.precision, measure, options)
