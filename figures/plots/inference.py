"""Type-1 error on synthetic rows: naive along its closed form, corrected at the nominal level, smoothed ever worse."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.estimators.intervals import clopper_pearson
from experiments.related.inference import rejection_rate
from figures import panels, style, tidy

NOMINAL = 0.05
CAPTION = (
    "How often a test at level 0.05 rejects a true hypothesis, with 95% intervals. Left: parametric generator, n = {n:,}; "
    "the naive test follows the predicted curve (dotted), {worst:.2f} instead of 0.05 at m = {ratio:g} n; with standard "
    "errors times √(1 + m/n) it is right. Right: the corrected test of the regression coefficient at m = {middle:g} n; after "
    "a generator that smooths (grey crosses, the control) it stays wrong, and more so the larger n is; its mean is right, "
    "since smoothing keeps it."
)
OPEN = {"markerfacecolor": "white"}
TESTS: dict[str, tuple[str, style.Look]] = {
    "mean_naive": ("mean, naive", style.LOST),
    "slope_naive": ("coefficient, naive", style.LOST | OPEN),
    "mean_corrected": ("mean, corrected", style.KEPT),
    "slope_corrected": ("coefficient, corrected", style.KEPT | OPEN),
}
PREDICTED = "predicted, 2(1 − Φ(1.96/√(1+m/n)))"
CURVES = {
    "coefficient, parametric": ("normal_fit", "slope_corrected", style.KEPT | OPEN, (0, 18), "center"),
    "mean, smoothed": ("smoothed_rows", "mean_corrected", style.KEPT, (0, 7), "center"),
    "coefficient, smoothed": ("smoothed_rows", "slope_corrected", style.CONTROL, (8, -6), "left"),
}
"""Of the right panel: generator, test, look, and where its label stands."""


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rates of false rejections against m/n at the largest n, and against n at m = n."""
    ratios = sorted(rows["ratio"].unique())
    middle = 1.0 if 1.0 in ratios else ratios[-1]
    fit = rows[(rows["n"] == rows["n"].max()) & (rows["generator"] == "normal_fit")]
    fine = np.geomspace(ratios[0], ratios[-1], 40)
    parts = [tidy.values(PREDICTED, fine, [rejection_rate(r, NOMINAL) for r in fine], panel="ratio")]
    parts += [_rates(fit, test, name, "ratio") for test, (name, _) in TESTS.items()]
    for name, (generator, test, *_) in CURVES.items():
        parts.append(_rates(rows[(rows["generator"] == generator) & (rows["ratio"] == middle)], test, name, "n"))
    return tidy.table(parts)


def _rates(rows: pd.DataFrame, test: str, name: str, axis: str) -> pd.DataFrame:
    """How often a test rejects, against n or the ratio; `fixed` is the value of the other one."""
    rates = {x: clopper_pearson(int(own.sum()), len(own)) for x, own in rows.groupby(axis)[test]}
    fixed = rows["ratio" if axis == "n" else "n"].iloc[0]
    return tidy.points(name, list(rates), list(rates.values()), panel=axis, fixed=fixed)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return two panels: against the ratio m/n, and against n."""
    figure, [[left, right]] = panels.grid(3.3, 1, 2)
    by_ratio, by_n = panels.of(estimates, "ratio"), panels.of(estimates, "n")
    measured = by_ratio[by_ratio["curve"] != PREDICTED]
    panels.curve(left, by_ratio[by_ratio["curve"] == PREDICTED], PREDICTED, style.PREDICTION)
    for name, look in TESTS.values():
        own = measured[measured["curve"] == name]
        beside = own["x"] * (0.96 if name.startswith("mean") else 1.04)
        panels.curve(left, own.assign(x=beside), name, look | {"linestyle": "none"})
    ratios, sizes = np.unique(measured["x"]), np.unique(by_n["x"])
    panels.log_sizes(left, ratios, "synthetic rows per real row, m/n", title="parametric generator")
    left.set_xticks(ratios, [f"{r:g}" for r in ratios], rotation=0)
    for name, (_, _, look, offset, side) in CURVES.items():
        own = by_n[by_n["curve"] == name]
        panels.curve(right, own, name, look)
        at, colour = tuple(own[["x", "value"]].iloc[min(1, len(sizes) - 1)]), look["color"]
        right.annotate(name, at, xytext=offset, textcoords="offset points", fontsize=8, color=colour, ha=side)
    panels.log_sizes(right, sizes, "real rows n", title="smoothing generator: worse as n grows")
    for ax in (left, right):
        ax.axhline(NOMINAL, **style.BOUND)
        ax.set(ylim=(0, None), ylabel="rate of false rejections")
    panels.headline(figure, "Tests on synthetic rows reject too often, as predicted; √(1 + m/n) mends them")
    panels.legend_below(figure, left)
    return figure


def caption(estimates: pd.DataFrame) -> str:
    """Return the caption."""
    naive = estimates[estimates["curve"] == TESTS["mean_naive"][0]].iloc[-1]
    middle = panels.of(estimates, "n")["fixed"].iloc[0]
    return CAPTION.format(n=int(naive["fixed"]), worst=naive["value"], ratio=naive["x"], middle=middle)
