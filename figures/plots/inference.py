"""Type-1 error on synthetic rows: naive along its closed form, corrected at the nominal level, smoothed ever worse."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import Interval, wilson
from experiments.related.inference import rejection_rate
from figures import panels, style

NOMINAL = 0.05
CAPTION = (
    "How often a test at level 0.05 rejects a true hypothesis, with 95% intervals. Left: parametric generator, n "
    "= {n:,}; the naive test follows the predicted curve (dotted), {worst:.2f} instead of 0.05 at m = {ratio:g} "
    "n; with standard errors times √(1 + m/n) it is right. Right: the corrected test of the regression "
    "coefficient at m = {middle:g} n; after a generator that smooths (grey crosses, the control) it stays wrong, "
    "and more so the larger n is; its mean is right, since smoothing keeps it."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `inference`."""
    figure = Figure(figsize=(style.WIDTH, 3.3))
    left, right = figure.subplots(1, 2)
    _against_ratio(left, rows[(rows["n"] == rows["n"].max()) & (rows["generator"] == "normal_fit")])
    _against_n(right, rows[rows["ratio"] == _middle(rows)])
    for ax in (left, right):
        ax.axhline(NOMINAL, **style.BOUND)
        ax.set_ylim(0, None)
        ax.set_ylabel("rate of false rejections")
    panels.legend_below(figure, left)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    largest = rows[(rows["n"] == rows["n"].max()) & (rows["generator"] == "normal_fit")]
    top = largest[largest["ratio"] == largest["ratio"].max()]
    worst = top["mean_naive"].mean()
    return CAPTION.format(n=rows["n"].max(), worst=worst, ratio=rows["ratio"].max(), middle=_middle(rows))


def _middle(rows: pd.DataFrame) -> float:
    ratios = sorted(rows["ratio"].unique())
    return float(1.0 if 1.0 in ratios else ratios[-1])


def _against_ratio(ax: Axes, rows: pd.DataFrame) -> None:
    ratios = sorted(rows["ratio"].unique())
    fine = np.geomspace(ratios[0], ratios[-1], 80)
    ax.plot(fine, [rejection_rate(r, NOMINAL) for r in fine], label="predicted, 2(1 − Φ(1.96/√(1+m/n)))", **style.PREDICTION)
    for column, name, slot in _SERIES:
        points = [_rate(rows.loc[rows["ratio"] == r, column]) for r in ratios]
        look = style.look(slot) | {"linestyle": "none"}
        panels.interval_curve(ax, np.array(ratios) * _SHIFT[column.split("_")[0]], points, name, look)
    panels.log_sizes(ax, np.array(ratios), "synthetic rows per real row, m/n")
    ax.set_xticks(ratios, [f"{r:g}" for r in ratios])
    ax.set_title("naive: wrong as predicted; corrected: right")


_SERIES = (
    ("mean_naive", "mean, naive", "forest"),
    ("slope_naive", "coefficient, naive", "leaking"),
    ("mean_corrected", "mean, corrected", "knn"),
    ("slope_corrected", "coefficient, corrected", "quadratic"),
)
_SHIFT = {"mean": 0.96, "slope": 1.04}


def _against_n(ax: Axes, rows: pd.DataFrame) -> None:
    sizes = sorted(rows["n"].unique())
    curves = (
        ("normal_fit", "slope_corrected", "coefficient, parametric", style.look("quadratic"), (0, 7), "center"),
        ("smoothed_rows", "mean_corrected", "mean, smoothed", style.look("knn"), (0, -14), "center"),
        ("smoothed_rows", "slope_corrected", "coefficient, smoothed", dict(style.CONTROL), (8, -6), "left"),
    )
    for generator, column, text, look, offset, side in curves:
        part = rows[rows["generator"] == generator]
        points = [_rate(part.loc[part["n"] == n, column]) for n in sizes]
        panels.interval_curve(ax, sizes, points, text, look)
        second = min(1, len(sizes) - 1)
        at = (sizes[second], points[second].value)
        ax.annotate(text, at, xytext=offset, textcoords="offset points", fontsize=7, color=look["color"], ha=side)
    panels.log_sizes(ax, np.array(sizes), "real rows n")
    ax.set_title("a slow generator: worse as n grows")


def _rate(column: "pd.Series[int]") -> Interval:
    return wilson(int(column.sum()), len(column))
