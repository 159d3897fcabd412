"""Classification under low noise: utility in 0-1 risk by margin exponent, its exponent, and the order of classifiers."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.slopes import log_slope
from figures import panels, style
from figures.claims.pairs import joined
from figures.order_panels import by_size
from figures.rows import by_n

CAPTION = (
    "Left: mean utility in 0-1 risk, U01, of nearest neighbours against n = m under Beta({a:g}, 1) (95% intervals) "
    "for each margin exponent γ; dashed in the same colour, the mean knapsack bound, which holds on every replicate; "
    "grey crosses, the law that leaves half of the features unseen (γ = 1, the control). Middle: slope of log U01 "
    "over slope of the log squared error, against the exponent κ(d, γ) that theory promises at least; every point "
    "lies above the diagonal. Right: probability that synthetic data rank logistic regression (a wrong class) and "
    "nearest neighbours as real data do, on an independent test set (Wilson 95% intervals), under Beta({far:g}, 1), "
    "and under the uncovered law."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `classification`."""
    figure = Figure(figsize=(style.WIDTH, 3.2))
    left, middle, right = figure.subplots(1, 3)
    knn = rows[rows["learner"] == "knn"]
    near, far = _steepness(rows)
    gammas = sorted(rows["gamma"].unique())
    for step, gamma in enumerate(gammas):
        look = style.ladder(step, len(gammas))
        of_gamma = knn["gamma"] == gamma
        _utility(left, knn[of_gamma & _at(knn, near)], look, f"γ = {'∞' if np.isinf(gamma) else f'{gamma:g}'}")
        _exponents(middle, knn[of_gamma & (knn["uncovered"] == 0)], look)
        _order(right, rows[(rows["gamma"] == gamma) & _at(rows, far)], look)
    uncovered = rows[(rows["uncovered"] > 0) & (rows["gamma"] == 1)]
    _utility(left, uncovered[uncovered["learner"] == "knn"], dict(style.CONTROL), "uncovered law", bound=False)
    _order(right, uncovered, dict(style.CONTROL))
    for ax in (left, right):
        panels.log_sizes(ax, np.array(sorted(rows["n"].unique())))
    panels.log_values(left, "mean U01")
    left.set_title("U01 → 0 for every margin")
    ends = [0.2, 1.05]
    middle.plot(ends, ends, **style.PREDICTION)
    middle.set_xlabel("promised exponent κ(d, γ)")
    middle.set_ylabel("measured exponent")
    middle.set_title("not slower than promised")
    right.set_ylabel("P(consistent ranking)")
    right.set_ylim(-0.05, 1.05)
    right.set_title("the order is kept")
    panels.legend_below(figure, left, columns=5)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    near, far = _steepness(rows)
    return CAPTION.format(a=1 + 1 / near, far=1 + 1 / far)


def _steepness(rows: pd.DataFrame) -> tuple[float, float]:
    """Fidelity exponents of the nearest and the farthest covered law that is not the real one."""
    finite = rows.loc[np.isfinite(rows["d"]) & (rows["d"] > 0), "d"]
    return (float(finite.max()), float(finite.min())) if len(finite) else (np.inf, np.inf)


def _at(rows: pd.DataFrame, d: float) -> "pd.Series[bool]":
    return (rows["d"] == d) & (rows["uncovered"] == 0)


def _utility(ax: Axes, part: pd.DataFrame, look: style.Look, name: str, bound: bool = True) -> None:
    for sizes, samples in by_n(part, ["synthetic_law"], "utility").values():
        panels.mean_curve(ax, sizes, samples, name, look)
    if bound:
        means = part.groupby("n")["bound_knapsack"].mean()
        ax.plot(means.index, means, **(look | {"marker": "", "linestyle": "--", "linewidth": 0.9}))


def _exponents(ax: Axes, part: pd.DataFrame, look: style.Look) -> None:
    errors, exponents = (by_n(part, ["synthetic_law"], column) for column in ("error", "exponent"))
    for name, (sizes, samples) in by_n(part, ["synthetic_law"], "utility").items():
        if len(sizes) < 2 or (samples.mean(axis=1) <= 0).any():
            continue
        slope, of_error = log_slope(sizes, samples), log_slope(sizes, errors[name][1]).value
        exponent = float(exponents[name][1][0, 0])
        panels.interval_curve(ax, [exponent], [slope.scaled(1 / of_error)], "", look)


def _order(ax: Axes, part: pd.DataFrame, look: style.Look) -> None:
    pair = joined(part, "logistic", "knn")
    if not pair.empty:
        by_size(ax, pair, "", look)
