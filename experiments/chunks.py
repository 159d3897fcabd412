"""Bounded memory: replicates in chunks whose size follows from the configuration alone, never from the machine."""

from collections.abc import Iterator

FLOATS = 1 << 22
"""Numbers held at once by one array: 32 MiB; larger ones leave the cache and are slower."""


def chunks(count: int, floats_each: int) -> Iterator[slice]:
    """Yield slices that cover `count` items, each so long that it holds at most `FLOATS` numbers (at least one item).

    Parameters
    ----------
    count : int
        Number of items, such as replicates, >= 0.
    floats_each : int
        Numbers that one item needs, >= 1.

    Yields
    ------
    slice
        Consecutive, without overlap.
    """
    step = max(1, FLOATS // max(1, floats_each))
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))
