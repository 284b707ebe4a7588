"""What the peers' scripts share: the clock, the shapes of a decoder's step, and the line of JSON that a figure is."""
import json
import resource
import statistics
import time

POSITIONS = (16, 128, 240)  # of the 256 codes: what a step takes there stands for all
SIZES = {"mega": (2048, 4096, 24, 16416), "mini": (1024, 2730, 12, 16385)}  # width, inner width, layers, codes


def step_matmuls(model, multiple=1):
    """Inputs and outputs of the matrices that a decoder step multiplies by when cross keys and values are kept: those
    of each layer, and the last one's. Peers that need a multiple of something get the next one."""
    width, inner, layers, codes = SIZES[model]
    inner, codes = (-(-size // multiple) * multiple for size in (inner, codes))
    layer = 6 * [(width, width)] + 2 * [(width, inner)] + [(inner, width)]
    return layers * [layer] + [[(width, codes)]]


def timed(function, runs, least=2, limit=60):
    """Wall and processor seconds of each run after one that does not count: as many as asked for, more while all take
    less than `least` seconds together, and no further one when they have taken `limit`."""
    function()
    walls, works = [], []
    while not walls or sum(walls) < least or len(walls) < runs and sum(walls) < limit:
        start, work = time.perf_counter(), time.process_time()
        function()
        works.append(time.process_time() - work)
        walls.append(time.perf_counter() - start)
    return walls, works


def report(peer, precision, name, images, walls, works=(), **more):
    """Prints a figure. Returns its wall and processor seconds, the medians of the runs."""
    figure = dict(peer=peer, precision=precision, name=name, images=images, seconds=statistics.median(walls),
                  best=min(walls), runs=len(walls))
    if works:  # on a machine with other work, these tell more
        figure["processor_seconds"] = statistics.median(works)
    figure["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(figure | more), flush=True)
    return figure["seconds"], figure.get("processor_seconds", 0)


def attempt(peer, precision, function, *arguments):
    """Runs a precision's measurements; one that the peer cannot do is a figure without seconds."""
    try:
        function(precision, *arguments)
    except Exception as error:  # noqa: BLE001: whatever it is, it is the answer
        told = f"{type(error).__name__}: {error}"[:300]
        print(json.dumps(dict(peer=peer, precision=precision, failed=told)), flush=True)
