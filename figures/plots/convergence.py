"""Utility against sample size: it falls for every covered law, whatever its distance from P; the uncovered one stays."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style
from figures.tables import by_n

CAPTION = (
    "Left: mean utility U on an independent real test set falls at every law of synthetic features that covers the "
    "real one, although total variation (TV) is up to {tv:.2f}; at the law that leaves a part uncovered (crosses) it "
    "stays. Middle: measured U over the a priori bound, which has seen no response; below 1 is below the bound. "
    "Right: the per-replicate bound over the measured utility (median, quartiles): how sharp it is."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `convergence`."""
    figure = Figure(figsize=(style.WIDTH, 3.1))
    left, middle, right = figure.subplots(1, 3, width_ratios=[1.35, 1, 1])
    for name, (sizes, samples) in by_n(rows, ["synthetic_law"], "utility_test").items():
        law = rows[rows["synthetic_law"] == name]
        control = bool(law["uncovered"].max() > 0)
        label = f"{name}, TV {law['total_variation'].iloc[0]:.2f}" + (" (not covered)" if control else "")
        panels.mean_curve(left, sizes, samples, name, label, control)
        _against_prior(middle, law, name, control)
        _tightness(right, law, name, control)
        panels.log_sizes(left, sizes)
        panels.log_sizes(middle, sizes)
        panels.log_sizes(right, sizes)
    panels.log_values(left, "mean utility U (test)")
    left.legend(loc="lower left", fontsize=6.5)
    left.set_title("U → 0 although Q ≠ P")
    middle.axhline(1, **style.BOUND)
    panels.log_values(middle, "mean U / a priori bound")
    middle.set_title("below the a priori bound")
    right.axhline(1, **style.BOUND)
    panels.log_values(right, "bound / U, per replicate")
    right.set_title("bound on every replicate")
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION.format(tv=rows.loc[rows["uncovered"] == 0, "total_variation"].max())


def _against_prior(ax: Axes, law: pd.DataFrame, name: str, control: bool) -> None:
    if law["bound_prior"].isna().all():
        return
    means = law.groupby("n")[["utility_test", "bound_prior"]].mean()
    look = style.CONTROL if control else {"color": style.colour(name), "marker": style.marker(name)}
    ax.plot(means.index, means["utility_test"] / means["bound_prior"], **look)


def _tightness(ax: Axes, law: pd.DataFrame, name: str, control: bool) -> None:
    ratio = (law["bound_two_sided"] / law["utility"]).groupby(law["n"])
    low, middle, high = (ratio.quantile(q) for q in (0.25, 0.5, 0.75))
    look = style.CONTROL if control else {"color": style.colour(name), "marker": style.marker(name)}
    ax.errorbar(middle.index, middle, yerr=[middle - low, high - middle], capsize=2, **look)
