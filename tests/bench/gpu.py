"""`make gpu`: agreement of CPU and GPU, throughput of both, and the experiment `images` with 60,000 training rows.

Exits 2 where there is no CUDA device or not all of MNIST, 1 where CPU and GPU differ, else with the code of the run. It has
never run on a GPU: no number of it is known.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import numpy as np
import torch

import run
from experiments.config.registry import build
from experiments.datasets.base import Table
from experiments.datasets.files import data_folder
from experiments.datasets.mnist import Mnist
from experiments.measurements.base import Unavailable
from experiments.rng import streams
from tests.bench.bench_networks import BATCH, INPUTS, LEARNER, ROWS, STEPS

TOLERANCE = 1e-3
"""Of the largest score, and of the grey range: sums in another order, over the first steps of training."""

DEVICES = ("cpu", "cuda")
FIRST_STEPS = 20
MODELS = ("pixel_logistic", "pixel_mlp", "convnet")
GENERATORS = ("image_vae", "image_gan", "image_flow")
NETWORKS = (64, 1024)
"""Networks trained side by side."""

LARGE = {
    "not_small": "[60000]", "not_large": "[60000]", "test_size": "5000", "judge_rows": "5000", "steps": "2000",
    "vae": "[5000]", "gan": "[2000]", "flow": "[4000]", "cuts": "2", "costly_cuts": "2",
    "sources.not": "[image_kernel_density,wide,cyclic_flips]", "models.not": "[nearest_few,forest]",
}  # fmt: skip
"""Sizes of the run that differ from `paper`: 8 minutes on one H100 are planned for, by launches of kernels, not measured."""

WORDS = ["experiment=images", "budget=paper", "n=[60000]", "ratio=[1.0]", "executor.workers=4", "output=outputs/gpu"]
WORDS += [f"sizes.paper.{name}={value}" for name, value in LARGE.items()]


def main() -> int:
    """Run the three parts and print what they find."""
    if not torch.cuda.is_available():
        print("gpu: no CUDA device on this machine", file=sys.stderr)
        return 2
    try:
        table = Mnist().load(data_folder())
    except Unavailable as absent:
        print(f"gpu: {absent}", file=sys.stderr)
        return 2
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, CUDA {torch.version.cuda}")
    few = table.take(np.arange(1000))
    found = dict(differences(few))
    for name, difference in found.items():
        print(f"{name:<16} CPU and GPU differ by {difference:.1e}{'' if difference <= TOLERANCE else ' (too much)'}")
    for count in NETWORKS:
        cpu, gpu = (_per_step(device, count) for device in DEVICES)
        print(f"{count} networks side by side: {cpu:.1f} µs a step and network on the CPU, {gpu:.1f} on the GPU")
    start = perf_counter()
    code = run.main(WORDS)
    print(f"images with 60,000 training rows: {perf_counter() - start:.0f} s")
    return code or int(max(found.values()) > TOLERANCE)


def differences(table: Table) -> Iterator[tuple[str, float]]:
    """Yield the largest difference of scores over the largest score of each model, the mean one of pixels of each generator."""
    for name in MODELS:
        models = (build("model", {"kind": name, "steps": FIRST_STEPS, "device": device}) for device in DEVICES)
        cpu, gpu = (model.estimator(0, table.classes).fit(table.x, table.y).scores(table.x) for model in models)
        yield name, float(np.abs(cpu - gpu).max() / np.abs(cpu).max())
    for name in GENERATORS:
        makers = (build("generator", {"kind": name, "steps": FIRST_STEPS, "device": device}) for device in DEVICES)
        samplers = (maker.fit(table, np.random.default_rng(0)) for maker in makers)
        cpu, gpu = (sampler(len(table), np.random.default_rng(1)).x.to_numpy(dtype=float) for sampler in samplers)
        yield name, float(np.abs(cpu - gpu).mean() / 255)


def _per_step(device: str, networks: int) -> float:
    """Microseconds of a step for one of so many networks."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(networks, ROWS, INPUTS)), rng.normal(size=(networks, ROWS))
    learner = replace(LEARNER, device=device)
    learner.fit(x[:1, :BATCH], y[:1, :BATCH], streams(0, "warm", 1))
    start = perf_counter()
    learner.fit(x, y, streams(0, "bench", networks))(x[0, :1])
    return 1e6 * (perf_counter() - start) / (STEPS * networks)


if __name__ == "__main__":
    sys.exit(main())
