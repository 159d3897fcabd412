"""Utility against sample size: it falls at every covered law, for every consistent learner; at the uncovered law it stays."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase

from experiments.estimators.slopes import log_slope
from figures import panels, style
from figures.rows import by_n
from theory.rates import SOURCES, reference_rate

CAPTION = (
    "Top, nearest neighbours. Left: mean utility U on an independent real test set, with 95% intervals. It falls at "
    "every law of synthetic features that covers the real one, although their total variation (TV) is up to {tv:.2f}; "
    "the same-law case (black) is the floor; at the law that leaves a part uncovered (grey crosses, the control) it "
    "stays. Middle: mean U as a share of the a priori bound, which has seen no response; the dashed line is the "
    "bound. Right: the per-replicate bound over the measured U (median and quartiles): how sharp it is. Bottom, every "
    "learner. Left and middle: U where features are the same (the floor) and where they are different. Right: slopes "
    "with 95% intervals, same features above different ones (filled); diamonds mark the reference slope −2/3 of the "
    "squared error of nearest neighbours, forests and kernel ridge on Lipschitz functions (p = 1)."
)
OTHER = "beta(a=2)"
SAME = "uniform"


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `convergence`."""
    figure = Figure(figsize=(style.WIDTH, 6.0))
    parts: Any = figure.subfigures(2, 1, height_ratios=[1, 1.05])
    knn = rows[rows["learner"] == "knn"]
    if not knn.empty:
        _laws(parts[0], knn)
    _learners(parts[1], rows[rows["uncovered"] == 0])
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION.format(tv=rows.loc[rows["uncovered"] == 0, "total_variation"].max())


def _laws(figure: FigureBase, rows: pd.DataFrame) -> None:
    left, middle, right = figure.subplots(1, 3)
    for label, law in rows.groupby("synthetic_law", observed=True, sort=False):
        look = style.look(str(label), control=bool(law["uncovered"].max() > 0))
        _share_of_prior(middle, law, look)
        curves = by_n(law.assign(sharp=law["bound_two_sided"] / law["utility"]), ["synthetic_law"], "sharp")
        for line, (name, (sizes, samples)) in zip(style.lines(), by_n(law, ["synthetic_law"], "utility_test").items()):
            panels.mean_curve(left, sizes, samples, f"{name}, TV {law['total_variation'].iloc[0]:.2f}", look | line)
            panels.quartile_curve(right, *curves[name], name, look | line)
    for ax in (left, middle, right):
        panels.log_sizes(ax, np.array(sorted(rows["n"].unique())))
    panels.log_values(left, "mean utility U (test)")
    panels.log_values(middle, "mean U / a priori bound")
    panels.log_values(right, "bound / U on each replicate")
    titles = ("U → 0 although Q ≠ P", "below the a priori bound", "how sharp the bound is")
    for ax, title in zip((left, middle, right), titles):
        ax.set_title(title)
    for ax in (middle, right):
        ax.axhline(1, **style.BOUND)
    panels.legend_below(figure, left)


def _share_of_prior(ax: Axes, law: pd.DataFrame, look: style.Look) -> None:
    means = law.groupby("n")[["utility_test", "bound_prior"]].mean()
    if means["bound_prior"].notna().all():
        ax.plot(means.index, means["utility_test"] / means["bound_prior"], **look)


def _learners(figure: FigureBase, rows: pd.DataFrame) -> None:
    left, middle, right = figure.subplots(1, 3, width_ratios=[1, 1, 1.15])
    middle.sharey(left)
    for ax, law, title in ((left, SAME, "same features: the floor"), (middle, OTHER, f"different features: {OTHER}")):
        for name, (sizes, samples) in by_n(rows[rows["synthetic_law"] == law], ["learner"], "utility_test").items():
            panels.mean_curve(ax, sizes, samples, name.replace("_", " "), style.look(name))
        panels.log_sizes(ax, np.array(sorted(rows["n"].unique())))
        panels.log_values(ax, "mean utility U (test)")
        ax.set_title(title)
    _slopes(right, rows)
    panels.legend_below(figure, left, columns=4)


def _slopes(ax: Axes, rows: pd.DataFrame) -> None:
    names = list(rows["learner"].unique())
    for place, name in enumerate(reversed(names)):
        look = style.look(name)
        for law, shift in ((SAME, 0.15), (OTHER, -0.15)):
            tables = by_n(rows[(rows["learner"] == name) & (rows["synthetic_law"] == law)], ["learner"], "utility_test")
            for sizes, samples in tables.values():
                if len(sizes) > 2:
                    s = log_slope(sizes, samples)
                    face = look["color"] if law == OTHER else "white"
                    ax.errorbar([s.value], [place + shift], xerr=[[s.value - s.low], [s.high - s.value]], capsize=2,
                                markerfacecolor=face, **look)  # fmt: skip
        if name in SOURCES:
            ax.plot([-reference_rate(name, 1).exponent], [place], color="black", marker="D", markersize=3.5, linestyle="none")
    ax.axvline(-0.1, **style.BOUND)
    ax.set_yticks(range(len(names)), [n.replace("_", " ") for n in reversed(names)])
    ax.set_xlabel("slope of log U on log n")
    ax.set_title("all slopes are negative")
