"""Argument checks shared by all of `theory`: each raises `ValueError` naming the argument and the range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

LARGEST_SUP_NORM = 1e150
"""Sup-norms are squared everywhere; above this the square leaves the range of float64."""


class MassWarning(UserWarning):
    """Mass of P or Q was lost: outside a box, to a rule that does not fit, or to underflow."""


def _range(low: float, high: float, above: bool) -> str:
    return f"{'(' if above else '['}{low:g}, {high:g}]"


def numbers(
    name: str, value: ArrayLike, low: float = -math.inf, high: float = math.inf, above: bool = False
) -> FloatArray:
    """Return `value` as float64 with every entry in [low, high] (`above`: in (low, high]); NaN never passes.

    An infinite entry passes only where the bound itself is infinite and given; `name` is the argument's name in messages.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: expected numbers in {_range(low, high, above)}, got {value!r}") from error
    if array.size == 0:
        return array
    # The extremes carry NaN along, so two passes without temporaries check everything.
    least, most = float(array.min()), float(array.max())
    if not (least > low if above else least >= low) or not most <= high:
        raise ValueError(f"{name}: expected numbers in {_range(low, high, above)}, got values from {least} to {most}")
    return array


def finite(name: str, value: ArrayLike, low: float = -math.inf, above: bool = False) -> FloatArray:
    """Return `value` as finite float64, every entry at least `low` (`above`: greater than `low`)."""
    largest = np.finfo(np.float64).max
    return numbers(name, value, max(low, -largest), largest, above)


def number(name: str, value: ArrayLike, low: float = -math.inf, high: float = math.inf, above: bool = False) -> float:
    """Return one number in [low, high]; see `numbers`."""
    array = numbers(name, value, low, high, above)
    if array.ndim != 0:
        raise ValueError(f"{name}: expected one number in {_range(low, high, above)}, got shape {array.shape}")
    return float(array)


def whole(name: str, value: Any, low: int, high: float = math.inf) -> int:
    """Return a whole number in [low, high]; True and False are refused."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise ValueError(f"{name}: expected a whole number in [{low}, {high}], got {value!r}")
    return int(value)


def choice(name: str, value: str, options: Sequence[str]) -> str:
    """Return `value`, one of the named options."""
    if value not in options:
        raise ValueError(f"{name}: expected one of {', '.join(options)}, got {value!r}")
    return value


def sup_norms(name: str, value: ArrayLike) -> FloatArray:
    """Return sup norms as float64, each in [0, 1e150]."""
    return numbers(name, value, 0.0, LARGEST_SUP_NORM)


def on_nodes(name: str, value: ArrayLike, size: int) -> FloatArray:
    """Return finite values of functions on the nodes, shape (..., size), the last axis over the nodes."""
    array = finite(name, value)
    if array.ndim == 0 or array.shape[-1] != size:
        raise ValueError(f"{name}: expected shape (..., {size}), the last axis over the nodes, got {array.shape}")
    return array


def together(**arrays: FloatArray) -> tuple[FloatArray, ...]:
    """Broadcast the named arrays against each other; a misfit names all their shapes."""
    try:
        return tuple(np.broadcast_arrays(*arrays.values()))
    except ValueError as error:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"{', '.join(arrays)}: expected shapes that broadcast, got {shapes}") from error


def share(a: ArrayLike, sup_norm: ArrayLike, name: str = "a") -> tuple[FloatArray, FloatArray]:
    """Return the share a/M² of the largest possible squared norm, held within [0, 1], and M²; the share is 1 where a ≥ M²."""
    level, square = together(**{name: numbers(name, a, 0.0), "sup_norm": np.square(sup_norms("sup_norm", sup_norm))})
    return np.divide(level, square, out=np.ones(level.shape), where=level < square), square
