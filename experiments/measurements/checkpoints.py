"""Finished parts of a long cell, so that a killed run loses at most one of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from experiments.measurements.base import Columns

Compute = Callable[[], Columns]
_KEEPER: ContextVar[Callable[[str, Compute], Columns]] = ContextVar("keeper", default=lambda _, compute: compute())


@contextmanager
def kept_by(keeper: Callable[[str, Compute], Columns]) -> Iterator[None]:
    """Within, `once` asks the keeper, a function of the part's name and of what computes it."""
    before = _KEEPER.set(keeper)
    try:
        yield
    finally:
        _KEEPER.reset(before)


def once(name: str, compute: Compute) -> Columns:
    """Return what `compute` returns, from where it was kept if it was computed before; nothing is kept unless within `kept_by`.

    `name` is unique in the cell, and the result a function of the cell and of `name` alone.
    """
    return _KEEPER.get()(name, compute)
