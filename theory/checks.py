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
    """Array of float64 with every entry in [low, high]; an infinite entry passes only as a bound given explicitly.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        What the caller gave.
    low, high : float
        The range; NaN never passes.
    above : bool
        True excludes `low` itself.

    Returns
    -------
    ndarray of float64
        The same shape as `value`.

    Raises
    ------
    ValueError
        If `value` is not numeric or an entry is outside the range.
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
    """Array of finite float64, every entry at least `low` (`above`: greater than `low`); see `numbers`.

    Parameters
    ----------
    name : str
        The argument's name.
    value : array_like
        What the caller gave.
    low : float
        Least value; minus infinity means any finite number.
    above : bool
        True excludes `low` itself.

    Returns
    -------
    ndarray of float64
        The same shape as `value`.
    """
    largest = np.finfo(np.float64).max
    return numbers(name, value, max(low, -largest), largest, above)


def number(name: str, value: ArrayLike, low: float = -math.inf, high: float = math.inf, above: bool = False) -> float:
    """One number in [low, high]; see `numbers`.

    Parameters
    ----------
    name : str
        The argument's name.
    value : array_like
        What the caller gave, without axes.
    low, high : float
        The range.
    above : bool
        True excludes `low` itself.

    Returns
    -------
    float
        The number.
    """
    array = numbers(name, value, low, high, above)
    if array.ndim != 0:
        raise ValueError(f"{name}: expected one number in {_range(low, high, above)}, got shape {array.shape}")
    return float(array)


def whole(name: str, value: Any, low: int, high: float = math.inf) -> int:
    """One whole number in [low, high].

    Parameters
    ----------
    name : str
        The argument's name.
    value : int
        What the caller gave; `True` and `False` are refused.
    low, high : int
        The range.

    Returns
    -------
    int
        The number.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise ValueError(f"{name}: expected a whole number in [{low}, {high}], got {value!r}")
    return int(value)


def choice(name: str, value: str, options: Sequence[str]) -> str:
    """One of the named options.

    Parameters
    ----------
    name : str
        The argument's name.
    value : str
        What the caller gave.
    options : sequence of str
        What is allowed.

    Returns
    -------
    str
        The value.
    """
    if value not in options:
        raise ValueError(f"{name}: expected one of {', '.join(options)}, got {value!r}")
    return value


def sup_norms(name: str, value: ArrayLike) -> FloatArray:
    """Array of sup-norms in [0, 1e150].

    Parameters
    ----------
    name : str
        The argument's name.
    value : array_like
        What the caller gave.

    Returns
    -------
    ndarray of float64
        The same shape as `value`.
    """
    return numbers(name, value, 0.0, LARGEST_SUP_NORM)


def on_nodes(name: str, value: ArrayLike, size: int) -> FloatArray:
    """Array of finite values of functions on the nodes: shape (..., size).

    Parameters
    ----------
    name : str
        The argument's name.
    value : array_like, shape (..., size)
        What the caller gave; the last axis runs over the nodes.
    size : int
        Number of nodes.

    Returns
    -------
    ndarray of float64, shape (..., size)
        The values.
    """
    array = finite(name, value)
    if array.ndim == 0 or array.shape[-1] != size:
        raise ValueError(f"{name}: expected shape (..., {size}), the last axis over the nodes, got {array.shape}")
    return array


def together(**arrays: FloatArray) -> tuple[FloatArray, ...]:
    """Broadcast arrays against each other.

    Parameters
    ----------
    **arrays : ndarray
        The arrays by the names of the arguments they came from.

    Returns
    -------
    tuple of ndarray
        Views of one common shape, in the order given.

    Raises
    ------
    ValueError
        If the shapes do not fit, naming all of them.
    """
    try:
        return tuple(np.broadcast_arrays(*arrays.values()))
    except ValueError as error:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"{', '.join(arrays)}: expected shapes that broadcast, got {shapes}") from error


def share(a: ArrayLike, sup_norm: ArrayLike, name: str = "a") -> tuple[FloatArray, FloatArray]:
    """Share a/M² of the largest possible squared norm, held within [0, 1], and M² itself.

    Parameters
    ----------
    a : array_like
        Squared norms in [0, ∞].
    sup_norm : array_like
        M in [0, 1e150]; broadcasts against `a`.
    name : str
        Name of the first argument, for the message.

    Returns
    -------
    tuple of ndarray
        Both of the common shape; the share is 1 where a ≥ M², so M = 0 divides nothing.
    """
    level, square = together(**{name: numbers(name, a, 0.0), "sup_norm": np.square(sup_norms("sup_norm", sup_norm))})
    return np.divide(level, square, out=np.ones(level.shape), where=level < square), square
