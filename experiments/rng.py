"""Random streams by (seed, role, replicate): independent, order-free, the same for every law and learner."""

from collections.abc import Iterable
from zlib import crc32

import numpy as np


def stream(seed: int, role: str, replicate: int = 0) -> np.random.Generator:
    """Return the generator of one role in one replicate.

    Streams of different (seed, role, replicate) are independent (`numpy.random.SeedSequence`); the same triple
    gives the same numbers whatever ran before.

    Parameters
    ----------
    seed : int
        The experiment's seed, >= 0.
    role : str
        What the numbers are for, such as `real/features`.
    replicate : int
        The replicate, >= 0.

    Returns
    -------
    numpy.random.Generator
        A fresh generator.
    """
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(role.encode()), replicate]))


def streams(seed: int, role: str, replicates: int | Iterable[int]) -> list[np.random.Generator]:
    """Return one stream for each replicate (a number of replicates, or their indices)."""
    which = range(replicates) if isinstance(replicates, int) else replicates
    return [stream(seed, role, i) for i in which]
