"""A broken link: who notices it, and which target it costs."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import kendalltau

from figures import generators, panels, style, tidy

SOURCES = {"joint": "link kept", "broken": "link broken"}
LOOKS = {"link kept": style.KEPT, "link broken": style.LOST}
TARGETS = {"linked": "needs\nthe link", "own": "does\nnot"}
CASES = [f"{target}: {learner}" for target in ("linked", "own") for learner in ("linear", "quadratic", "knn")]
caption = panels.caption(
    "Two generators of linked tables, with 95% intervals over replicates. Left: discriminators that see one table cannot "
    "tell either from real rows (0.5; a little below, because the generator was fitted to the test's real rows too); with "
    "the mean of the children beside each parent the broken link shows at once. Middle: utility U of models whose target "
    "needs the link, and of one that does not. Right: Kendall's τ between the order of the models' risks after synthetic and "
    "after real training: it survives even the broken link."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return areas by discriminator, mean utilities by target and learner, and Kendall's tau by target."""
    rows = rows[rows["n"] == rows["n"].max()]
    rows = rows.assign(source=rows["source"].map(SOURCES))
    seen, trained = rows[rows["auc"].notna()], rows[rows["utility"].notna()]
    trained = trained.assign(case=trained["target"].astype(str) + ": " + trained["learner"].astype(str))
    taus = trained.groupby(["source", "target", "replicate"], observed=True)
    orders = taus.apply(lambda own: kendalltau(own["risk"], own["risk_real"]).statistic).rename("tau").reset_index()
    parts = [tidy.means(own, "source", "auc", "n", panel="auc", label=name) for name, own in _by(seen, "discriminator")]
    by_case = dict(_by(trained, "case"))
    parts += [tidy.means(by_case[c], "source", "utility", "n", panel="utility", label=c) for c in CASES if c in by_case]
    for target, own in _by(orders.assign(n=rows["n"].max()), "target"):
        parts.append(tidy.means(own, "source", "tau", "n", panel="tau", label=target))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return three panels: who notices, what it costs, and the order of models."""
    figure, [[left, middle, right]] = panels.grid(3.5, 1, 3, width_ratios=[1, 1.7, 0.7])
    _grouped(left, panels.of(estimates, "auc"))
    left.axhline(0.5, **style.BOUND)
    left.set(ylim=(0.4, 1), ylabel="area under the curve", title="one table shows nothing")
    utility = panels.of(estimates, "utility")
    _grouped(middle, utility)
    learners = [generators.words(name.split(": ")[1]) for name in utility["label"].unique()]
    middle.set_xticklabels(learners, rotation=45, ha="right")
    panels.log_values(middle, "mean utility U", title="what needs the link loses most")
    number, needed = (own["label"].nunique() for own in (utility, utility[utility["label"].str.startswith("linked")]))
    middle.set_ylim(middle.get_ylim()[0] / 2, None)
    middle.axvline(needed - 0.5, color="0.4", linewidth=0.8)
    for place, text in ((needed / 2, "target needs the link"), ((needed + number) / 2, "target does not")):
        middle.text(place - 0.5, 0.02, text, transform=middle.get_xaxis_transform(), ha="center", fontsize=8)
    _grouped(right, panels.of(estimates, "tau"))
    right.set(ylim=(0, 1.05), ylabel="Kendall's τ of models", title="order: kept")
    right.set_xticklabels([TARGETS[str(name)] for name in panels.of(estimates, "tau")["label"].unique()])
    panels.headline(figure, "A broken link between two tables shows only in joined rows, and costs what needs it")
    panels.legend_below(figure, left)
    return figure


def _by(rows: pd.DataFrame, column: str) -> list[tuple[str, pd.DataFrame]]:
    return [(str(name), own) for name, own in rows.groupby(column, observed=True, sort=False)]


def _grouped(ax: Axes, part: pd.DataFrame) -> None:
    """Intervals of both sources side by side, one place for each label."""
    labels = list(part["label"].unique())
    places = part["label"].map(labels.index) + part["curve"].map(style.base).map({"link kept": -0.12, "link broken": 0.12})
    panels.curves(ax, part.assign(x=places), look=LOOKS.__getitem__, linestyle="none")
    ax.set_xticks(range(len(labels)), [label.replace(" ", "\n") for label in labels])
    ax.set_xlim(-0.5, len(labels) - 0.5)
