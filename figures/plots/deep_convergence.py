"""Networks in 2, 5 and 10 dimensions: utility against sample size, over that of the same law, and the bound."""

import pandas as pd
from matplotlib.figure import Figure

from experiments.estimators.intervals import Interval, ratio_interval
from figures import panels, style, tidy

CAPTION = (
    "Top: mean utility U of networks on an independent real test set with 95% intervals, responses fitted by another "
    "network. Black: the same law; grey crosses: the control, a law that leaves out half of the features. Total "
    "variations (TV) are {tv}. Dotted: the excess risk after real training, whose rate U is held against. Middle: "
    "relative utility, mean U over that of the same law (dashed: 1), 95% intervals; a curve that rises says that this "
    "law's U falls more slowly. Bottom: the per-replicate bound over the measured U, median and quartiles: never "
    "below 1 (dashed)."
)
LABELS = {
    "utility": "mean utility U (test)", "relative": "U / U at equal laws", "sharpness": "bound / U, each replicate",
}  # fmt: skip


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return utilities, relative utilities and sharpness of the bound for each task and law, against n."""
    rows = rows[rows["responses"] == rows["responses"].iloc[0]]
    rows = rows.assign(sharpness=rows["bound_two_sided"] / rows["utility"])
    parts = []
    for task, own in rows.groupby("task", observed=True, sort=False):
        same = own[own["synthetic_law"] == "uniform"][["n", "replicate", "utility_test"]]
        parts.append(tidy.series("real", own.groupby("n")["excess_real"].mean(), panel="real", task=str(task)))
        for name, law in own.groupby("synthetic_law", observed=True, sort=False):
            told = tidy.law_labels(law) | {"task": str(task)}
            parts.append(tidy.means(law, "synthetic_law", "utility_test", panel="utility", **told))
            parts.append(tidy.quartiles(law, "synthetic_law", "sharpness", panel="sharpness", **told))
            pairs = law.merge(same, on=["n", "replicate"], suffixes=("", "_same")).groupby("n")
            ratios = {n: _ratio(pair["utility_test"], pair["utility_test_same"]) for n, pair in pairs}
            if told["total_variation"] > 0:
                parts.append(tidy.points(str(name), list(ratios), list(ratios.values()), panel="relative", **told))
    return tidy.table(parts)


def _ratio(above: "pd.Series[float]", below: "pd.Series[float]") -> Interval:
    return ratio_interval(above.to_numpy(), below.to_numpy(), 0.95)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `deep_convergence`."""
    figure, axes = panels.grid(7.2, 3, estimates["task"].nunique(), sharex=True, sharey="row")
    look = panels.by_distance(panels.of(estimates, "utility").drop_duplicates("curve"))
    estimates = estimates.assign(law=estimates["curve"].map(panels.law))
    for column, (task, part) in zip(axes.T, estimates.groupby("task", sort=False)):
        for ax, panel in zip(column, LABELS):
            panels.curves(ax, panels.of(part, panel), "{law}", look)
            panels.log_values(ax, "")
            if panel != "utility":
                ax.axhline(1, **style.BOUND)
        panels.curves(column[0], panels.of(part, "real"), "", lambda _: style.PREDICTION)
        panels.log_sizes(column[-1], part["x"])
        column[0].set_title(f"{tidy.option(str(task))} features" if "=" in str(task) else str(task))
    for ax, label in zip(axes[:, 0], LABELS.values()):
        ax.set_ylabel(label)
    panels.legend_below(figure, axes[0, 0])
    panels.headline(figure, "U of networks falls, under a copula more slowly than their own error (dotted)")
    return figure


def caption(estimates: pd.DataFrame) -> str:
    """Return the caption."""
    covering = estimates[(estimates["control"] == 0) & (estimates["total_variation"] > 1e-9)]
    spans = covering.groupby(covering["curve"].map(style.base))["total_variation"].agg(["min", "max"]).itertuples()
    ends = [(law, *dict.fromkeys((f"{low:.2f}", f"{high:.2f}"))) for law, low, high in spans]
    return CAPTION.format(tv=", ".join(f"{' to '.join(tv)} ({panels.law(law)})" for law, *tv in ends))
