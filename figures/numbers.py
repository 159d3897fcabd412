"""What a figure shows, as numbers and words: taken from its axes, kept as JSON, compared with another drawing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter
from numpy.typing import NDArray

Drawn = list[dict[str, Any]]
Array = NDArray[np.float64]

MOST = 100
"""Points kept of each curve: of a longer one, points at equal steps."""

TOLERANCE = 2e-3
"""Two numbers agree on a logarithmic axis when they differ by this part of themselves at most, on a linear one by this part of
its half length (outside of it, of the distance to its middle)."""


def drawn(figure: Figure) -> Drawn:
    """Return for each axes its words and looks, its two scales and every curve: lines, error bars, shades, bars, images.

    Numbers are rounded to 6 significant digits; None stands for what is not finite.
    """
    return [_axes(ax) for ax in figure.axes]


def _axes(ax: Axes) -> dict[str, Any]:
    titles = [ax.get_title(loc) for loc in ("left", "center", "right")]
    words = [*titles, *(text.get_text() for text in ax.texts), *map(str, ax.get_legend_handles_labels()[1])]
    words += [f"{to_hex(line.get_color())} {line.get_marker()} {line.get_linestyle()}" for line in ax.lines]
    curves = [{"x": _kept(xy[:, 0]), "y": _kept(xy[:, 1])} for xy in _curves(ax)]
    return {"words": words, "x": _scale(ax.xaxis), "y": _scale(ax.yaxis), "curves": curves}


def _scale(axis: Axis) -> dict[str, Any]:
    formatter = axis.get_major_formatter()
    ticks = [str(t) for t in formatter.seq] if isinstance(formatter, FixedFormatter) else []
    low, high = sorted(axis.get_view_interval())
    scale = {"label": axis.get_label_text(), "ticks": ticks, "kind": axis.get_scale()}
    return scale | {"from": _kept(np.array([low]))[0], "to": _kept(np.array([high]))[0]}


def _curves(ax: Axes) -> Iterator[Array]:
    """Points (k, 2) of everything drawn; of what is coloured by values, also these values, numbered."""
    for line in ax.lines:
        yield np.asarray(line.get_xydata(), dtype=float).reshape(-1, 2)
    for collection in ax.collections:
        yield _points(collection)
    for patch in ax.patches:
        yield np.asarray(patch.get_patch_transform().transform(patch.get_path().vertices), dtype=float)
    for coloured in (*ax.collections, *ax.images):
        if coloured.get_array() is not None:
            values = np.asarray(coloured.get_array(), dtype=float).ravel()
            yield np.column_stack([np.arange(len(values)), values])


def _points(collection: Collection) -> Array:
    if isinstance(collection, PathCollection):
        return np.asarray(collection.get_offsets(), dtype=float).reshape(-1, 2)
    if isinstance(collection, LineCollection):
        return np.concatenate([np.zeros((0, 2)), *map(np.asarray, collection.get_segments())])
    return np.concatenate([np.zeros((0, 2)), *(np.asarray(path.vertices) for path in collection.get_paths())])


def _kept(values: Array) -> list[float | None]:
    """At most `MOST` numbers at equal steps, rounded."""
    step = -(-len(values) // MOST) or 1
    return [float(f"{v:.6g}") if np.isfinite(v) else None for v in values[::step]]


def differences(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return in a line each where two drawings differ by more than `TOLERANCE`, none when they agree."""
    if len(one) != len(other):
        return [f"{len(one)} axes, not {len(other)}"]
    return [f"axes {k}: {line}" for k, (a, b) in enumerate(zip(one, other)) for line in _differ(a, b)]


def _differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    if _said(one) != _said(other):
        yield f"other words: {_said(one)}, not {_said(other)}"
        return
    for k, (a, b) in enumerate(zip(one["curves"], other["curves"])):
        for axis in ("x", "y"):
            far = _distance(a[axis], b[axis], one[axis])
            if far > 1:
                yield f"curve {k}, {axis}: {far:.3g} times as far as tolerated"


def _said(axes: Mapping[str, Any]) -> list[Any]:
    """All words of axes, and how many points are kept of each curve."""
    scales = [[axes[k][word] for word in ("label", "ticks", "kind")] for k in ("x", "y")]
    return [axes["words"], scales, [len(curve["x"]) for curve in axes["curves"]]]


def _distance(one: Sequence[float | None], other: Sequence[float | None], scale: Mapping[str, Any]) -> float:
    """Largest distance of two lists of numbers, in tolerances."""
    a, b = (np.array([np.nan if v is None else v for v in values], dtype=float) for values in (one, other))
    if not np.array_equal(np.isnan(a), np.isnan(b)):
        return float("inf")
    allowed = TOLERANCE * np.maximum(_size(a, scale), 1e-300)
    return float(np.nanmax(np.abs(a - b) / allowed, initial=0.0))


def _size(values: Array, scale: Mapping[str, Any]) -> Array:
    """How large numbers are on their axis."""
    if scale["kind"] == "log" or scale["from"] is None or scale["to"] is None:
        return np.abs(values)
    middle, half = (scale["to"] + scale["from"]) / 2, (scale["to"] - scale["from"]) / 2
    return np.asarray(np.maximum(np.abs(values - middle), half))
