"""Utility and its slope under Beta(a, 1): how the fidelity exponent d = 1/(a - 1) sets the pace."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import Interval, simultaneous_level
from experiments.estimators.slopes import log_slope
from figures import panels, style
from figures.rows import by_n

CAPTION = (
    "Left: mean utility U on an independent real test set (95% intervals) against n = m, synthetic features Beta(a, "
    "1); at a = 1 (black) they are the real ones, the floor. Middle: the slope of each curve with its joint 99.9% "
    "interval. The dotted line is the predicted exponent −(2/3) d/(d+1) = −2/(3a) of the bound, which no slope may be "
    "flatter than; the dashed line is the same without d (the control), wrong for a > 1; triangles are the slopes of "
    "the a priori bound itself over these sizes. Right: mean U over the best (V, d) bound of each replicate."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `fidelity_rate`."""
    rows = rows.assign(_a=1 + 1 / rows["d"]).sort_values(["_a", "n"])
    figure = Figure(figsize=(style.WIDTH, 3.2))
    left, middle, right = figure.subplots(1, 3)
    steepness = rows["_a"].unique()
    for step, a in enumerate(steepness):
        part = rows[rows["_a"] == a]
        look = style.look("uniform") if a == 1 else style.ladder(step, len(steepness))
        for sizes, samples in by_n(part, ["synthetic_law"], "utility_test").values():
            panels.mean_curve(left, sizes, samples, f"a = {a:g}, d = {part['d'].iloc[0]:.2g}", look)
        share = part.assign(share=part["utility"] / part["bound_fidelity"]).groupby("n")["share"].mean()
        right.plot(share.index, share, **look)
    for ax in (left, right):
        panels.log_sizes(ax, np.array(sorted(rows["n"].unique())))
    panels.log_values(left, "mean utility U (test)")
    panels.log_values(right, "mean of U / (V, d) bound")
    left.set_title("steeper Q, slower U")
    right.set_title("how much of the bound")
    _slopes(middle, rows, steepness)
    panels.legend_below(figure, left, columns=4)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION


def _slopes(ax: Axes, rows: pd.DataFrame, steepness: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> None:
    judged = [a for a in steepness if a > 1]
    level = simultaneous_level(max(1, len(judged)), 0.999)
    if rows["n"].nunique() >= 2:
        measured = [_slope(rows[rows["_a"] == a], "utility_test", level) for a in judged]
        panels.interval_curve(ax, judged, measured, "measured U", {"color": "black", "marker": "o", "linestyle": "none"})
        prior = [_slope(rows[rows["_a"] == a], "bound_prior", level).value for a in judged]
        ax.plot(judged, prior, color="0.5", marker="^", linestyle="none", label="a priori bound")
        ax.legend(loc="lower right", bbox_to_anchor=(1, 0.27))
    grid = np.linspace(1, max(steepness), 100)
    ax.plot(grid, -2 / (3 * grid), **style.PREDICTION)
    ax.axhline(-2 / 3, **style.BOUND)
    for text, height in (("bound −2/(3a)", -2 / (3 * grid[-1])), ("control −2/3", -2 / 3)):
        ax.annotate(text, (grid[-1], height), xytext=(0, 5), textcoords="offset points", ha="right", fontsize=7)
    ax.set_ylim(top=0.02)
    ax.set_xlabel("a, with d = 1/(a − 1)")
    ax.set_ylabel("slope of log U on log n")
    ax.set_title("below the predicted slope")


def _slope(part: pd.DataFrame, column: str, level: float) -> Interval:
    return log_slope(*next(iter(by_n(part, ["synthetic_law"], column).values())), level)
