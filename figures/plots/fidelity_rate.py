"""Utility and its slope under Beta(a, 1): how the fidelity exponent d = 1/(a - 1) sets the pace."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.slopes import log_slope
from figures import panels, style, tidy
from figures.rows import by_n

caption = panels.caption(
    "Left: mean utility U on an independent real test set (95% intervals) against n = m, synthetic features Beta(a, 1); at a "
    "= 1 (black) they are the real ones, the floor. Middle: the slope of each curve with its joint 99.9% interval. The "
    "dotted line is the predicted exponent −(2/3) d/(d+1) = −2/(3a) of the bound, which no slope may be flatter than; the "
    "dashed line is the same without d (the control), wrong for a > 1; triangles are the slopes of the a priori bound itself "
    "over these sizes. Right: mean U over the best (V, d) bound of each replicate."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return utilities and shares of the bound against n, and slopes of utility and of the a priori bound, against a."""
    rows = rows.assign(a=1 + 1 / rows["d"]).sort_values(["a", "n"])
    level = simultaneous_level(max(1, rows.loc[rows["a"] > 1, "a"].nunique()), 0.999)
    parts = []
    for a, own in rows.groupby("a"):
        own = own.assign(curve=f"a = {a:g}", share=own["utility"] / own["bound_fidelity"])
        fixed = {"a": a, "d": own["d"].iloc[0]}
        parts.append(tidy.means(own, "curve", "utility_test", panel="utility", **fixed))
        parts.append(tidy.series(f"a = {a:g}", own.groupby("n")["share"].mean(), panel="share of the bound", **fixed))
        if a > 1 and own["n"].nunique() >= 2:
            tables = (next(iter(by_n(own, ["curve"], column).values())) for column in ("utility_test", "bound_prior"))
            measured, prior = (log_slope(*table, level) for table in tables)
            parts.append(tidy.points("measured U", [a], [measured], panel="slope", **fixed))
            parts.append(tidy.values("a priori bound", [a], [prior.value], panel="slope", **fixed))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `fidelity_rate`."""
    figure, [[left, middle, right]] = panels.grid(3.2, 1, 3)
    rungs = style.rungs(panels.of(estimates, "utility")["curve"])
    for ax, panel in ((left, "utility"), (right, "share of the bound")):
        part = panels.of(estimates, panel)
        panels.curves(ax, part, "{curve}, d = {d:.2g}", lambda name: style.REFERENCE if name == "a = 1" else rungs(name))
        panels.log_sizes(ax, part["x"])
    panels.log_values(left, "mean utility U (test)", title="steeper Q, slower U")
    panels.log_values(right, "mean of U / (V, d) bound", title="how much of the bound")
    _draw_slopes(middle, estimates)
    panels.legend_below(figure, left, columns=4)
    return figure


def _draw_slopes(ax: Axes, estimates: pd.DataFrame) -> None:
    slopes = panels.of(estimates, "slope")
    for name, look in (("measured U", {"color": "black", "marker": "o"}), ("a priori bound", {"color": "0.5", "marker": "^"})):
        part = slopes[slopes["curve"] == name]
        if not part.empty:
            panels.curve(ax, part, name, {**look, "linestyle": "none"})
            ax.legend(loc="lower right", bbox_to_anchor=(1, 0.27))
    grid = np.linspace(1, estimates["a"].max(), 100)
    ax.plot(grid, -2 / (3 * grid), **style.PREDICTION)
    ax.axhline(-2 / 3, **style.BOUND)
    for text, height in (("bound −2/(3a)", -2 / (3 * grid[-1])), ("control −2/3", -2 / 3)):
        ax.annotate(text, (grid[-1], height), xytext=(0, 5), textcoords="offset points", ha="right", fontsize=7)
    ax.set_ylim(top=0.02)
    ax.set(xlabel="a, with d = 1/(a − 1)", ylabel="slope of log U on log n", title="below the predicted slope")
