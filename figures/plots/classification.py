"""Classification under low noise: utility in 0-1 risk by margin exponent, its bounds, its exponent, and the order kept."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.estimators.slopes import log_slope
from figures import panels, style, tidy
from figures.claims.pairs import joined
from figures.rows import by_n
from theory.low_noise import fidelity_low_noise_bound, fidelity_low_noise_example

caption = panels.caption(
    "Top left: mean utility in 0-1 risk, U01, of nearest neighbours against n = m under Beta({a:g}, 1) (95% intervals) for "
    "each margin exponent γ; dashed in the same colour, the mean knapsack bound, which holds on every replicate; grey crosses, "
    "the law that leaves half of the features unseen (γ = 1, the control). Top middle: U01 over U01 at equal laws (ratio of "
    "means, 95% intervals), under the same laws: what other features cost; no theorem predicts it. Top right: slope of log U01 "
    "over slope of the log squared error, against the exponent κ(d, γ) that theory promises at least; no point lies in "
    "the shade. Bottom left: probability that synthetic data rank logistic regression (a wrong class) and nearest "
    "neighbours as real data do, on an independent test set (exact 95% intervals), under Beta({largest_a:g}, 1), and under the "
    "uncovered law. Bottom middle: "
    "from theory alone, at a squared error of 10⁻⁴, γ = 1 and A = 1, the largest excess 0-1 risk under laws as faithful as "
    "Beta(1 + 1/d, 1): the closed form has no gap at d = 1, where the crude one, with 1/|1 − d|, blows up; dots, laws that are "
    "known to come that near (statements 5.6 and 5.8)."
)
LEVEL = 1e-4
"""The squared error at which the closed forms are drawn."""


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
        parts.append(tidy.relative(knn[knn["d"].isin([near, np.inf])], "utility", panel="relative").assign(curve=curve))
        parts += _exponents(knn, curve)
        parts.append(tidy.rankings(joined(own[own["d"] == far], "logistic", "knn"), curve, panel="ranking"))
    knn = uncovered[uncovered["learner"] == "knn"].assign(curve="uncovered law")
    parts.append(tidy.means(knn, "curve", "utility", panel="utility", control=1))
    equal = rows[(rows["learner"] == "knn") & (rows["gamma"] == 1) & (rows["d"] == np.inf)]
    parts.append(tidy.relative(pd.concat([knn, equal]), "utility", panel="relative", control=1).assign(curve="uncovered law"))
    parts.append(tidy.rankings(joined(uncovered, "logistic", "knn"), "uncovered law", panel="ranking", control=1))
    parts += _closed_forms()
    return tidy.table(parts).assign(a=1 + 1 / near, largest_a=1 + 1 / far)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `classification`."""
    figure, [[left, relative, middle], [right, theory, rest]] = panels.grid(5.0, 2, 3)
    look = style.rungs(name for name in estimates["curve"] if name.startswith("γ"))
    panels.curves(left, panels.of(estimates, "utility"), look=look)
    panels.curves(middle, panels.of(estimates, "exponent"), look=look, linestyle="none")
    panels.curves(right, panels.of(estimates, "ranking"), look=look)
    panels.curves(left, panels.of(estimates, "bound"), "", look, marker="", linestyle="--", linewidth=0.9)
    panels.curves(relative, panels.of(estimates, "relative"), look=look)
    for ax in (left, relative, right):
        panels.log_sizes(ax, panels.of(estimates, "utility")["x"])
    panels.log_values(left, "mean U01", title="accuracy lost → 0\nfor every margin")
    panels.log_values(relative, "U01 / U01 at equal laws", title="what other\nfeatures cost")
    middle.fill_between([0.2, 1.05], [0.2, 1.05], **style.FORBIDDEN)
    middle.text(0.98, 0.04, "slower than promised", transform=middle.transAxes, ha="right", fontsize=8)
    middle.set(xlabel="promised exponent κ(d, γ)", ylabel="measured exponent", ylim=(0, None))
    middle.set_title("at least as fast\nas promised")
    right.set(ylabel="P(ranked as on real data)", ylim=(-0.05, 1.05), title="the order comes\nwith more rows")
    for name, own in panels.of(estimates, "theory").groupby("curve", sort=False):
        panels.curve(theory, own, str(name), THEORY[str(name)])
    panels.log_values(theory, "largest 0-1 risk", xlabel="fidelity exponent d", title="the closed form has\nno gap at d = 1")
    panels.legend(theory, "upper right")
    rest.legend(*left.get_legend_handles_labels(), loc="center left", title="margin exponent", title_fontsize=9)
    rest.axis("off")
    return figure


THEORY: dict[str, style.Look] = {
    "crude form": style.BOUND,
    "closed form": {"color": "black", "linewidth": 1.6},
    "attained": {"color": "black", "marker": ".", "linestyle": "none"},
}


def _closed_forms() -> Iterator[pd.DataFrame]:
    """The closed form over d, the crude one with 1/|1 - d|, and what constructed laws attain."""
    exponents = np.unique([*np.geomspace(0.3, 4, 80), 0.999, 1.0, 1.001])
    constants = (exponents / (exponents + 1)) ** exponents
    level = list(zip(exponents, constants))
    yield tidy.values("crude form", exponents, [_crude(V, d) for d, V in level], panel="theory")
    closed = [float(fidelity_low_noise_bound(LEVEL, 1.0, 1.0, V, d)) for d, V in level]
    yield tidy.values("closed form", exponents, closed, panel="theory")
    yield tidy.values("attained", exponents[::4], [_attained(V, d) for d, V in level[::4]], panel="theory")


def _crude(V: float, d: float) -> float:
    """The bound by the mean of min(r/λ, 1) where the margin exceeds t, for γ = A = 1; infinite at d = 1 without a split."""
    spread = (d + 1) * d ** (-d / (d + 1)) * V ** (1 / (d + 1)) * (4 * LEVEL) ** (d / (d + 1))
    t = np.geomspace(1e-6, 1, 2000)
    if d <= 1:
        return float(spread * (1 / (1 - d)) ** (1 / (d + 1))) if d < 1 else np.inf
    return float(np.min(t**2 + spread * (d * t ** (1 - d) / (d - 1)) ** (1 / (d + 1))))


def _attained(V: float, d: float) -> float:
    """The excess risk of the constructed laws at the level."""
    a, excess = fidelity_low_noise_example(np.geomspace(1, 1e9, 2000), 1.0, 1.0, V, d)
    known = np.isfinite(a)
    return float(np.interp(np.log(LEVEL), np.log(a[known][::-1]), excess[known][::-1]))


def _exponents(knn: pd.DataFrame, curve: str) -> Iterator[pd.DataFrame]:
    """Exponents measured at each law, `x` the promised ones."""
    errors, exponents = (by_n(knn, ["synthetic_law"], column) for column in ("error", "exponent"))
    for name, (sizes, samples) in by_n(knn, ["synthetic_law"], "utility").items():
        if len(sizes) >= 2 and (samples.mean(axis=1) > 0).all():
            slope, of_error = log_slope(sizes, samples), log_slope(sizes, errors[name][1]).value
            yield tidy.points(curve, [exponents[name][1][0, 0]], [slope.scaled(1 / of_error)], panel="exponent")
