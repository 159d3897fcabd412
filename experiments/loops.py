"""Generators that are trained on their own output, with a share of fresh real rows."""

from collections.abc import Callable, Iterator

import numpy as np

from experiments.generators.batched import Array, BatchedGenerator, BatchSampler
from experiments.streams import stream

Fresh = Callable[[int, np.random.Generator], Array]
"""`(size, rng) -> (R, size, p)`: new real rows for every replicate."""


def generations(
    generator: BatchedGenerator, fresh: Fresh, size: int, share: float, last: int, seed: int
) -> Iterator[tuple[int, Array, BatchSampler]]:
    """Yield generations 0, ..., last: number, the rows that the generator was fitted to, and its sampler.

    Generation 0 is fitted to `size` real rows; every later one to `size` rows of which the share `share` is fresh and real
    and the rest drawn from the generation before.

    Parameters
    ----------
    generator : BatchedGenerator
        What is fitted in each generation.
    fresh : Callable
        Draws real rows.
    size : int
        Rows that each generation is fitted to.
    share : float in [0, 1]
        Share of fresh real rows after generation 0.
    last : int
        Number of the last generation, >= 0.
    seed : int
        Streams follow from it and from the generation's number: the first real rows are the same for every share.
    """
    rows = fresh(size, stream(seed, "loop/real", 0))
    synthetic = round((1 - share) * size)
    for number in range(last + 1):
        sampler = generator.fit(rows)
        yield number, rows, sampler
        if number == last:
            return
        own = sampler(synthetic, stream(seed, "loop/synthetic", number))
        rows = np.concatenate([own, fresh(size - synthetic, stream(seed, "loop/real", number + 1))], axis=1)
