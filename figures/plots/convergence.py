"""Utility against sample size: it falls for every covered law, whatever its distance from P; the uncovered one stays."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style
from figures.tables import by_n

CAPTION = (
    "Left: mean utility U on an independent real test set, with 95% intervals. It falls at every law of synthetic features "
    "that covers the real one, although their total variation (TV) is up to {tv:.2f}; the same-law case (black) is the floor; "
    "at the law that leaves a part uncovered (grey crosses, the control) it stays. Middle: mean U as a share of the a priori "
    "bound, which has seen no response; the dashed line is the bound. Right: the per-replicate bound over the measured U "
    "(median and quartiles): how sharp it is."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `convergence`."""
    figure = Figure(figsize=(style.WIDTH, 3.4))
    left, middle, right = figure.subplots(1, 3)
    for name, (sizes, samples) in by_n(rows, ["synthetic_law"], "utility_test").items():
        law = rows[rows["synthetic_law"] == name]
        look = style.look(name, control=bool(law["uncovered"].max() > 0))
        panels.mean_curve(left, sizes, samples, f"{name}, TV {law['total_variation'].iloc[0]:.2f}", look)
        _share_of_prior(middle, law, look)
        ratio = law.assign(ratio=law["bound_two_sided"] / law["utility"])
        panels.quartile_curve(right, *by_n(ratio, ["synthetic_law"], "ratio")[name], name, look)
        for ax in (left, middle, right):
            panels.log_sizes(ax, sizes)
    panels.log_values(left, "mean utility U (test)")
    panels.log_values(middle, "mean U / a priori bound")
    panels.log_values(right, "bound / U on each replicate")
    for ax, title in (
        (left, "U → 0 although Q ≠ P"),
        (middle, "below the a priori bound"),
        (right, "how sharp the bound is"),
    ):
        ax.set_title(title)
    for ax in (middle, right):
        ax.axhline(1, **style.BOUND)
    panels.legend_below(figure, left)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION.format(tv=rows.loc[rows["uncovered"] == 0, "total_variation"].max())


def _share_of_prior(ax: Axes, law: pd.DataFrame, look: style.Look) -> None:
    means = law.groupby("n")[["utility_test", "bound_prior"]].mean()
    if means["bound_prior"].notna().all():
        ax.plot(means.index, means["utility_test"] / means["bound_prior"], **look)
