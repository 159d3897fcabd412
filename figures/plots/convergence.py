"""Utility against sample size, by law and by learner; what different features cost; and bounds known before a response."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style, tidy
from theory.rates import reference_rate

caption = panels.caption(
    "Top, nearest neighbours. Left: mean utility U with 95% intervals, by law of synthetic features (in brackets its total "
    "variation to the real law, up to {largest_tv:.2f}). It falls at every law that covers the real one (black: equal laws; "
    "dotted: the slope −2/3), and not where half is never seen (grey crosses, the control). Middle: U over U at equal laws "
    "(ratio of means, 95% intervals; dotted: predicted from features alone, 7.4). It stays bounded where the density ratio "
    "dP/dQ is bounded; under Beta(2, 1) and Beta(3, 1) it grows without end, as n^(1/6) and n^(1/3) (7.9): U → 0 there too, "
    "but at another price. Right: a priori bound of the mean risk, which has seen no response, over that mean; never below 1. "
    "Below, every other learner: U at the laws it was run at (scales differ); how far a curve lies above black is its "
    "relative utility. Grey crosses as above; quintic polynomials extrapolate (see `extrapolated`)."
)
TOP = {
    "utility": ("mean utility U", "U → 0 at covered laws"),
    "relative": ("U / U at equal laws", "the price by law"),
    "bound": ("a priori bound / mean risk", "the bound known before"),
}
"""The panels of nearest neighbours, with their labels and titles; `predicted` is drawn into the second."""


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return utilities by learner and law; relative utilities, predicted ones and a priori bounds of nearest neighbours."""
    knn = rows[rows["learner"] == "knn"]
    others = [_utilities(own, str(name)) for name, own in rows.groupby("learner", observed=True, sort=False) if name != "knn"]
    found = tidy.table([*_utilities(knn, "utility"), *_relative(knn), *_bounds(knn), *(part for own in others for part in own)])
    return found.assign(largest_tv=rows.loc[rows["uncovered"] == 0, "total_variation"].max())


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `convergence`."""
    learners = [name for name in estimates["panel"].unique() if name not in (*TOP, "predicted")]
    estimates = estimates.assign(law=estimates["curve"].map(panels.law))
    look = panels.by_distance(panels.of(estimates, "utility"))
    figure = Figure(figsize=(style.WIDTH, 7.2 if learners else 3.2))
    parts = figure.subfigures(2 if learners else 1, 1, squeeze=False, height_ratios=[2.7, 4.5] if learners else None)
    above, *below = parts[:, 0]
    axes = above.subplots(1, 3)
    for ax, (panel, (label, title)) in zip(axes, TOP.items()):
        part = panels.of(estimates, panel)
        panels.curves(ax, part, "{law} ({total_variation:.2f})", look)
        panels.log_sizes(ax, part["x"])
        panels.log_values(ax, label, title=title)
    panels.curves(axes[1], panels.of(estimates, "predicted"), "", look, marker="", linestyle=":")
    axes[2].axhline(1, **style.PREDICTION)
    _slope(axes[0], panels.of(estimates, "utility"))
    if below:
        for ax, name in zip(below[0].subplots(-(-len(learners) // 3), 3, squeeze=False).flat, learners):
            part = panels.of(estimates, name)
            panels.curves(ax, part, "", look)
            panels.log_sizes(ax, part["x"], "n = m")
            panels.log_values(ax, "mean utility U", title=panels.learner(name))
        panels.headline(below[0], "Other learners likewise; polynomials alone extrapolate to what is never seen")
    panels.legend_below(figure, axes[0])
    panels.headline(above, "Nearest neighbours: U vanishes under different features, at a price that the law sets")
    return figure


def _utilities(rows: pd.DataFrame, panel: str) -> Iterator[pd.DataFrame]:
    for _, law in rows.groupby("synthetic_law", observed=True, sort=False):
        yield tidy.means(law, "synthetic_law", "utility", panel=panel, **tidy.law_labels(law))


def _relative(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Relative utilities, and the ratio of the mean gaps that 7.4 predicts."""
    if rows.empty:
        return
    rows = rows.assign(foreseen=rows["predicted_synthetic"] - rows["predicted_real"])
    for law, own in rows.groupby("synthetic_law", observed=True, sort=False):
        both = rows[rows["synthetic_law"].isin(["uniform", law])]
        told = tidy.law_labels(own)
        yield tidy.relative(both, "utility", panel="relative", **told)
        if own["foreseen"].notna().all():
            yield tidy.relative(both, "foreseen", panel="predicted", **told).assign(low=float("nan"), high=float("nan"))


def _bounds(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for label, law in rows.groupby("synthetic_law", observed=True, sort=False):
        means = law.groupby("n")[["excess_synthetic", "lipschitz_synthetic"]].mean()
        if means["lipschitz_synthetic"].notna().all():
            ratio = means["lipschitz_synthetic"] / means["excess_synthetic"]
            yield tidy.series(str(label), ratio, panel="bound", **tidy.law_labels(law))


def _slope(ax: Axes, part: pd.DataFrame) -> None:
    """A dotted line with the reference slope, below the lowest curve."""
    if not part.empty:
        lowest = part.loc[part["x"] == part["x"].min(), "value"].min()
        sizes = part["x"].sort_values()
        ax.plot(sizes, 0.6 * lowest * (sizes / sizes.iloc[0]) ** -reference_rate("knn", 1).exponent, **style.PREDICTION)
