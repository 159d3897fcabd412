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
    "Left: mean excess risk Φ(f̃) after synthetic training (95% intervals) against n = m, synthetic features Beta(a, 1); at a = "
    "1 (black) they are the real ones. Dotted: its mean given the features, computed before any response is seen. Middle: the "
    "slope of each curve with its joint 99.9% interval, and the predicted slopes (open diamonds). The dotted line is the rate "
    "−1/a in the end; grey dashes are the controls, −(2/3) d/(d+1) = −2/(3a) of an upper bound, and −2/3. Right: mean U over "
    "the best (V, d) bound of each replicate; in the shade the bound would not hold."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return risks, measured and predicted, and shares of the bound against n; their slopes against a."""
    rows = rows.assign(a=1 + 1 / rows["d"]).sort_values(["a", "n"])
    level = simultaneous_level(max(1, rows.loc[rows["a"] > 1, "a"].nunique()), 0.999)
    parts = []
    for a, own in rows.groupby("a"):
        own = own.assign(curve=f"a = {a:g}", share=own["utility"] / own["bound_fidelity"])
        fixed, means = {"a": a, "d": own["d"].iloc[0]}, own.groupby("n")[["share", "predicted_synthetic"]].mean()
        parts.append(tidy.means(own, "curve", "excess_synthetic", panel="risk", **fixed))
        parts.append(tidy.series(f"a = {a:g}", means["predicted_synthetic"], panel="predicted risk", **fixed))
        parts.append(tidy.series(f"a = {a:g}", means["share"], panel="share of the bound", **fixed))
        if a > 1 and own["n"].nunique() >= 2:
            tables = (next(iter(by_n(own, ["curve"], c).values())) for c in ("excess_synthetic", "predicted_synthetic"))
            measured, predicted = (log_slope(*table, level) for table in tables)
            parts.append(tidy.points("measured", [a], [measured], panel="slope", **fixed))
            parts.append(tidy.values("predicted", [a], [predicted.value], panel="slope", **fixed))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `fidelity_rate`."""
    figure, [[left, middle, right]] = panels.grid(3.6, 1, 3)
    rungs = style.rungs(panels.of(estimates, "risk")["curve"])
    for ax, panel in ((left, "risk"), (right, "share of the bound")):
        part = panels.of(estimates, panel)
        part = part.assign(d=part["d"].map("{:.2g}".format).replace("inf", "∞"))
        panels.curves(ax, part, "{curve}, d = {d}", lambda name: style.REFERENCE if name == "a = 1" else rungs(name))
        panels.log_sizes(ax, part["x"])
    for _, own in panels.of(estimates, "predicted risk").groupby("curve"):
        left.plot(own["x"], own["value"], **style.PREDICTION)
    panels.log_values(left, "mean excess risk Φ(f̃)", title="dissimilar features\nslow learning down")
    panels.log_values(right, "mean of U / (V, d) bound", title="the (V, d) bound\nholds throughout")
    right.axhspan(1, 2, **style.FORBIDDEN)
    right.set_ylim(None, 1.6)
    right.text(0.04, 1.12, "bound broken", transform=right.get_yaxis_transform(), fontsize=8)
    _draw_slopes(middle, estimates)
    panels.legend_below(figure, left, columns=4)
    return figure


def _draw_slopes(ax: Axes, estimates: pd.DataFrame) -> None:
    slopes = panels.of(estimates, "slope")
    looks = {"predicted": {"color": "black", "marker": "D", "markersize": 7, "markerfacecolor": "white"},
        "measured": {"color": "black", "marker": "o", "markersize": 3}}  # fmt: skip
    for name, look in looks.items():
        part = slopes[slopes["curve"] == name]
        if not part.empty:
            panels.curve(ax, part, name, {**look, "linestyle": "none"})
            ax.legend(loc="lower right", bbox_to_anchor=(1, 0.12))
    grid = np.linspace(1, estimates["a"].max(), 100)
    ax.plot(grid, -1 / grid, **style.PREDICTION)
    for text, line in (("−2/(3a)", -2 / (3 * grid)), ("−2/3", np.full_like(grid, -2 / 3))):
        ax.plot(grid, line, **style.BOUND)
        ax.annotate(text, (grid[50], line[50]), xytext=(0, 5), textcoords="offset points", fontsize=8)
    ax.set_ylim(top=0.02)
    ax.set(xlabel="a, with d = 1/(a − 1)", ylabel="slope of log Φ(f̃) on log n", title="slopes are the\npredicted ones")
