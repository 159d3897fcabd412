"""Utility against sample size: it falls at every covered law, for every consistent learner; not at the uncovered one."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase

from experiments.estimators.slopes import log_slope
from figures import panels, style, tidy
from figures.rows import by_n
from theory.rates import SOURCES, reference_rate

caption = panels.caption(
    "Top, nearest neighbours. Left: mean utility U on an independent real test set, with 95% intervals. It falls at every "
    "law of synthetic features that covers the real one, although their total variation (TV) is up to {largest_tv:.2f}; the "
    "same-law case (black) is the floor; at the law that leaves a part uncovered (grey crosses, the control) it does not "
    "fall. Middle: a priori bounds, which have seen no response, over the means they bound; solid, bias and noise under P for "
    "Φ(f̃), dotted, the earlier bound of U through the transfer curve; none may be below 1 (dashed). "
    "Right: the per-replicate bound over the measured U (median and quartiles): how sharp it is. Bottom, every learner. "
    "Left and middle: U where features are the same (the floor) and where they are different. Right: slopes with 95% "
    "intervals, same features above different ones (filled); diamonds mark the reference slope −2/3 of the squared error of "
    "nearest neighbours, forests and kernel ridge on Lipschitz functions (p = 1)."
)
OTHER = "beta(a=2)"
PRIOR = ("bound of Φ", "bound of U")


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return utilities, a priori bounds and sharpness by law, utilities and slopes by learner."""
    covered = rows[rows["uncovered"] == 0]
    found = tidy.table([*_laws(rows[rows["learner"] == "knn"]), *_learners(covered)])
    return found.assign(largest_tv=covered["total_variation"].max())


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `convergence`."""
    figure = Figure(figsize=(style.WIDTH, 6.0))
    parts: Any = figure.subfigures(2, 1, height_ratios=[1, 1.05])
    if not panels.of(estimates, "utility").empty:
        _draw_laws(parts[0], estimates)
    _draw_learners(parts[1], estimates)
    return figure


def _laws(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    rows = rows.assign(sharpness=rows["bound_two_sided"] / rows["utility"])
    for label, law in rows.groupby("synthetic_law", observed=True, sort=False):
        told = tidy.law_labels(law)
        yield tidy.means(law, "synthetic_law", "utility_test", panel="utility", **told)
        yield tidy.quartiles(law, "synthetic_law", "sharpness", panel="sharpness", **told)
        means = law.groupby("n")[["excess_synthetic", "lipschitz_synthetic", "utility_test", "bound_prior"]].mean()
        for panel, bound, of in zip(PRIOR, ("lipschitz_synthetic", "bound_prior"), ("excess_synthetic", "utility_test")):
            if means[bound].notna().all():
                yield tidy.series(str(label), means[bound] / means[of], panel=panel, **told)


def _learners(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Curves at two laws; `x` of a slope is the reference slope, where the learner has one."""
    for law, panel in (("uniform", "same features"), (OTHER, "different features")):
        own = rows[rows["synthetic_law"] == law]
        yield tidy.means(own, "learner", "utility_test", panel=panel)
        for name, part in own.groupby("learner", observed=True, sort=False):
            reference = -reference_rate(str(name), 1).exponent if name in SOURCES else np.nan
            for curve, table in by_n(part, ["learner"], "utility_test").items():
                if len(table[0]) > 2:
                    yield tidy.points(curve, [reference], [log_slope(*table)], panel=f"slopes, {panel}")


def _draw_laws(figure: FigureBase, estimates: pd.DataFrame) -> None:
    left, middle, right = axes = figure.subplots(1, 3)
    titles = ("U → 0 although Q ≠ P", "a priori, nearly the truth", "how sharp the bound is")
    labels = ("mean utility U (test)", "a priori bound / mean", "bound / U on each replicate")
    panels.curves(middle, panels.of(estimates, PRIOR[1]), linestyle=":", markersize=2.5)
    for ax, panel, title, label in zip(axes, ("utility", PRIOR[0], "sharpness"), titles, labels):
        panels.curves(ax, panels.of(estimates, panel), "{curve}, TV {total_variation:.2f}")
        panels.log_sizes(ax, panels.of(estimates, "utility")["x"])
        panels.log_values(ax, label, title=title)
    for ax in (middle, right):
        ax.axhline(1, **style.BOUND)
    panels.legend_below(figure, left)


def _draw_learners(figure: FigureBase, estimates: pd.DataFrame) -> None:
    left, middle, right = figure.subplots(1, 3, width_ratios=[1, 1, 1.15])
    middle.sharey(left)
    for ax, panel, title in ((left, "same features", ": the floor"), (middle, "different features", f": {OTHER}")):
        part = panels.of(estimates, panel)
        panels.curves(ax, part.assign(label=part["curve"].str.replace("_", " ")), "{label}")
        panels.log_sizes(ax, part["x"])
        panels.log_values(ax, "mean utility U (test)", title=panel + title)
    _draw_slopes(right, estimates[estimates["panel"].str.contains("features")])
    panels.legend_below(figure, left, columns=4)


def _draw_slopes(ax: Axes, estimates: pd.DataFrame) -> None:
    names = list(dict.fromkeys(estimates["curve"].map(style.base)))
    for panel, shift in (("same features", 0.15), ("different features", -0.15)):
        for _, slope in panels.of(estimates, f"slopes, {panel}").iterrows():
            name = style.base(slope["curve"])
            place, look = len(names) - 1 - names.index(name), style.look(name)
            error = [[slope["value"] - slope["low"]], [slope["high"] - slope["value"]]]
            face = look["color"] if shift < 0 else "white"
            ax.errorbar([slope["value"]], [place + shift], xerr=error, capsize=2, markerfacecolor=face, **look)
            ax.plot([slope["x"]], [place], color="black", marker="D", markersize=3.5, linestyle="none")
    ax.axvline(-0.1, **style.BOUND)
    ax.set_yticks(range(len(names)), [name.replace("_", " ") for name in reversed(names)])
    ax.set(xlabel="slope of log U on log n", title="all slopes are negative")
