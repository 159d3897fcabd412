"""Classification under low noise: utility in 0-1 risk by margin exponent, its exponent, and the order of classifiers."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.estimators.slopes import log_slope
from figures import panels, style, tidy
from figures.claims.pairs import joined
from figures.rows import by_n

caption = panels.caption(
    "Left: mean utility in 0-1 risk, U01, of nearest neighbours against n = m under Beta({a:g}, 1) (95% intervals) for each "
    "margin exponent γ; dashed in the same colour, the mean knapsack bound, which holds on every replicate; grey crosses, "
    "the law that leaves half of the features unseen (γ = 1, the control). Middle: slope of log U01 over slope of the log "
    "squared error, against the exponent κ(d, γ) that theory promises at least; every point lies above the diagonal. Right: "
    "probability that synthetic data rank logistic regression (a wrong class) and nearest neighbours as real data do, on an "
    "independent test set (Wilson 95% intervals), under Beta({largest_a:g}, 1), and under the uncovered law."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return utilities with their bounds, exponents and rankings, by margin exponent γ, and for the uncovered law."""
    finite = rows.loc[np.isfinite(rows["d"]) & (rows["d"] > 0), "d"]  # of covered laws that are not the real one
    near, far = (finite.max(), finite.min()) if len(finite) else (np.inf, np.inf)
    covered, uncovered = rows[rows["uncovered"] == 0], rows[(rows["uncovered"] > 0) & (rows["gamma"] == 1)]
    parts = []
    for gamma, own in covered.groupby("gamma"):
        curve = f"γ = {'∞' if np.isinf(gamma) else f'{gamma:g}'}"
        knn = own[own["learner"] == "knn"].assign(curve=curve)
        nearest = knn[knn["d"] == near]
        parts.append(tidy.means(nearest, "curve", "utility", panel="utility"))
        parts.append(tidy.series(curve, nearest.groupby("n")["bound_knapsack"].mean(), panel="bound"))
        parts += _exponents(knn, curve)
        parts.append(tidy.rankings(joined(own[own["d"] == far], "logistic", "knn"), curve, panel="ranking"))
    knn = uncovered[uncovered["learner"] == "knn"].assign(curve="uncovered law")
    parts.append(tidy.means(knn, "curve", "utility", panel="utility", control=1))
    parts.append(tidy.rankings(joined(uncovered, "logistic", "knn"), "uncovered law", panel="ranking", control=1))
    return tidy.table(parts).assign(a=1 + 1 / near, largest_a=1 + 1 / far)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `classification`."""
    figure, [[left, middle, right]] = panels.grid(3.2, 1, 3)
    look = style.rungs(estimates.loc[estimates["curve"] != "uncovered law", "curve"])
    panels.curves(left, panels.of(estimates, "utility"), look=look)
    panels.curves(middle, panels.of(estimates, "exponent"), look=look, linestyle="none")
    panels.curves(right, panels.of(estimates, "ranking"), look=look)
    panels.curves(left, panels.of(estimates, "bound"), "", look, marker="", linestyle="--", linewidth=0.9)
    for ax in (left, right):
        panels.log_sizes(ax, panels.of(estimates, "utility")["x"])
    panels.log_values(left, "mean U01", title="U01 → 0 for every margin")
    middle.plot([0.2, 1.05], [0.2, 1.05], **style.PREDICTION)
    middle.set(xlabel="promised exponent κ(d, γ)", ylabel="measured exponent", title="not slower than promised")
    right.set(ylabel="P(consistent ranking)", ylim=(-0.05, 1.05), title="the order is kept")
    panels.legend_below(figure, left, columns=5)
    return figure


def _exponents(knn: pd.DataFrame, curve: str) -> Iterator[pd.DataFrame]:
    """Exponents measured at each law, `x` the promised ones."""
    errors, exponents = (by_n(knn, ["synthetic_law"], column) for column in ("error", "exponent"))
    for name, (sizes, samples) in by_n(knn, ["synthetic_law"], "utility").items():
        if len(sizes) >= 2 and (samples.mean(axis=1) > 0).all():
            slope, of_error = log_slope(sizes, samples), log_slope(sizes, errors[name][1]).value
            yield tidy.points(curve, [exponents[name][1][0, 0]], [slope.scaled(1 / of_error)], panel="exponent")
