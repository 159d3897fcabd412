"""Random streams by (seed, role, replicate): independent, order-free, the same for every law and learner."""

from collections.abc import Iterable
from zlib import crc32

import numpy as np


def stream(seed: int, role: str, replicate: int = 0) -> np.random.Generator:
    """Return a fresh generator for one role, such as `real/features`, in one replicate.

    Streams of different (seed, role, replicate) are independent (`numpy.random.SeedSequence`); the same triple gives the
    same numbers whatever ran before.
    """
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(role.encode()), replicate]))


def streams(seed: int, role: str, replicates: int | Iterable[int]) -> list[np.random.Generator]:
    """Return one stream for each replicate (a number of replicates, or their indices)."""
    which = range(replicates) if isinstance(replicates, int) else replicates
    return [stream(seed, role, i) for i in which]
