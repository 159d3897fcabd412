"""The transfer curve of pairs of laws: exact and attained, with the (V, d) bounds above it."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style

CAPTION = (
    "How large a squared error can be on real features (vertical) when it is a on synthetic ones (horizontal), for functions "
    "bounded by 1. Black: the exact worst case T(a); circles: the squared error of an explicit worst-case function, which "
    "attains it; grey dots: {functions:,} random functions, none above it. Coloured: the bounds that know the (V, d)-fidelity "
    "level only: plain (dotted), sharp constant (dashed), best over all d (solid). Shaded: what the exact curve gains on the "
    "plain bound. Uncovered features leave an error of {uncovered:.2f} however small a is."
)
COLUMNS = 3


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `fidelity`."""
    pairs = list(rows.groupby(["measurement", "real_law", "synthetic_law"], observed=True, sort=False))
    lines = -(-len(pairs) // COLUMNS)
    figure = Figure(figsize=(style.WIDTH, 0.6 + 1.75 * lines))
    axes = figure.subplots(lines, COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    for ax, ((measurement, real, synthetic), pair) in zip(axes, pairs):
        _pair(ax, pair)
        where = ", 5-d" if str(measurement).endswith("5d") else ""
        ax.set_title(f"{real} | {synthetic}{where}", fontsize=7)
    for ax in axes[len(pairs) :]:
        ax.axis("off")
    for ax in axes.reshape(lines, COLUMNS)[-1]:
        ax.set_xlabel("a, on synthetic features")
    for ax in axes.reshape(lines, COLUMNS)[:, 0]:
        ax.set_ylabel("T(a), on real ones")
    panels.legend_below(figure, axes[0], 6)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    smallest = rows[(rows["random"] == 0) & (rows["a"] < 2e-6)]
    return CAPTION.format(functions=int(rows["random"].sum()), uncovered=smallest["exact"].max())


def _pair(ax: Axes, pair: pd.DataFrame) -> None:
    drawn, grid = pair[pair["random"] == 1], pair[pair["random"] == 0].sort_values("a")
    a = grid["a"].to_numpy()
    ax.scatter(drawn["a"], drawn["attained"], s=1, color="0.7", label="random functions", rasterized=True)
    if grid["plain"].notna().all():
        ax.fill_between(a, grid["exact"], grid["plain"], color="#56b4e9", alpha=0.18, linewidth=0)
        ax.plot(a, grid["plain"], color="#0072b2", linestyle=":", label="plain (V, d)")
        ax.plot(a, grid["sharp"], color="#0072b2", linestyle="--", label="sharp (V, d)")
    ax.plot(a, grid["best"], color="#d55e00", label="best over d")
    ax.plot(a, grid["exact"], color="black", linewidth=1.6, label="exact T(a)")
    few = slice(None, None, 6)
    ax.plot(a[few], grid["attained"].to_numpy()[few], "o", color="black", markerfacecolor="white", label="attained")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(1e-6, 1)
    ax.set_ylim(1e-6, 1.5)
    ax.set_xticks(np.array([1e-6, 1e-3, 1.0]))
