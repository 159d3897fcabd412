"""A loop of generators: drift of the law, loss of spread, and what both do to utility and ranking."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.related.loops import shrinkage
from figures import generators, panels, style, tidy

CAPTION = (
    "Above, left: total variation between the real law and a kernel density retrained on its own output: linear growth (n = "
    "{n:,}; dotted: widening alone), against a nearly flat curve with half fresh real rows. Middle: the same over n; every "
    "generation falls in parallel to n^(−2/5). Right: expected spread of refitted normal laws, on the exact curves c(n)^t "
    "(dotted). Below, left: mean utility U of models trained on each generation. Middle: in what share of replicates the "
    "models keep the order they have after real training. Intervals: 95%."
)
FEEDS = {0.0: "own output only", 0.5: "half fresh real rows"}
LOOKS = {FEEDS[0.0]: style.LOST | {"linestyle": "-"}, FEEDS[0.5]: style.KEPT | {"linestyle": "--"}}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return total variation by generation and by n, spread and utility by generation, and how often the order is kept."""
    rows = rows.assign(feed=rows["share"].map(FEEDS))
    kernel, normal, trained = (rows[rows[c].notna()] for c in ("tv", "spread", "utility"))
    largest = kernel[kernel["n"] == kernel["n"].max()]
    drift = tidy.means(largest, "feed", "tv", "generation", panel="drift")
    widened = largest[largest["share"] == 0].groupby("generation")["widened"].mean()
    parts = [drift.assign(predicted=drift["x"].map(widened).where(drift["curve"] == FEEDS[0.0]))]
    for generation, part in kernel[kernel["generation"].isin([0, 5, 10])].groupby("generation"):
        parts.append(tidy.means(part, "feed", "tv", panel="rate", label=f"gen. {generation:.0f}"))
    for n, part in normal.groupby("n"):
        own = tidy.series(f"n = {n:.0f}", part.groupby("generation")["spread"].mean(), panel="spread")
        parts.append(own.assign(predicted=shrinkage(int(n)) ** own["x"]))
    for learner, part in trained.groupby("learner", observed=True):
        parts.append(tidy.means(part, "feed", "utility", "generation", panel="utility", label=str(learner)))
    parts.append(tidy.means(_order_kept(trained), "feed", "kept", "generation", panel="order kept"))
    return tidy.table(parts)


def _order_kept(rows: pd.DataFrame) -> pd.DataFrame:
    """Whether (1 or 0) all learners rank as after real training, by feed, generation and replicate."""
    keys = ["feed", "generation", "replicate"]
    tables = [rows.pivot(index=keys, columns="learner", values=column) for column in ("excess", "excess_real")]
    orders = [np.argsort(table.to_numpy(), axis=1) for table in tables]
    return tables[0].index.to_frame(index=False).assign(kept=(orders[0] == orders[1]).all(axis=1).astype(float))


def draw(estimates: pd.DataFrame) -> Figure:
    """Return five panels: drift by generation and by n, spread, utility and order; the legend in place of a sixth."""
    figure, [[drift, rate, spread], [utility, order, last]] = panels.grid(4.9, 2, 3)
    part = panels.of(estimates, "drift")
    panels.curves(drift, part, look=LOOKS.__getitem__)
    alone = part[part["curve"] == FEEDS[0.0]]
    drift.plot(alone["x"], alone["predicted"], label="predicted", **style.PREDICTION)
    drift.set(ylim=(0, None), xlabel="generation", ylabel="total variation", title="the law drifts")
    _rate(rate, panels.of(estimates, "rate"))
    _spread(spread, panels.of(estimates, "spread"))
    _utility(utility, panels.of(estimates, "utility"))
    panels.curves(order, panels.of(estimates, "order kept"), look=LOOKS.__getitem__)
    order.set(ylim=(0, 1.05), xlabel="generation", ylabel="share of replicates", title="order of models kept")
    for ax in (drift, utility, order):
        ax.set_xticks(range(0, int(part["x"].max()) + 1, 2))
    last.set_axis_off()
    last.legend(*drift.get_legend_handles_labels(), loc="center left")
    panels.headline(figure, "Generators fed their own output drift at known rates; half fresh real rows stop it")
    return figure


def caption(estimates: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION.format(n=int(estimates.loc[estimates["panel"] == "rate", "x"].max()))


def _rate(ax: Axes, part: pd.DataFrame) -> None:
    """Lines of generations by feed, named at the ends of those without fresh rows; dotted: the predicted slope."""
    sizes = np.unique(part["x"])
    first = part.loc[(part["x"] == sizes[0]) & (part["label"] == "gen. 0"), "value"].mean()
    ax.plot(sizes, 0.6 * first * (sizes / sizes[0]) ** -0.4, **style.PREDICTION)
    panels.log_values(ax, "total variation", title="at rate n^(−2/5)")
    panels.log_sizes(ax, sizes, "rows n of each generation")
    ends = []
    for (feed, name), own in part.groupby(["curve", "label"], sort=False):
        panels.curve(ax, own, "", LOOKS[feed])
        if feed == FEEDS[0.0]:
            ends.append((own["value"].iloc[-1], name, LOOKS[feed]["color"]))
    panels.name_ends(ax, ends)


def _spread(ax: Axes, part: pd.DataFrame) -> None:
    """Points of every n, on the predicted curves."""
    ax.set(ylim=(0, 1.03), xlabel="refits t", ylabel="mean spread", title="normal fits shrink\nas c(n)^t")
    ends = []
    for name, own in part.groupby("curve", sort=False):
        panels.curve(ax, own, "", style.LOST | {"linestyle": "none", "markersize": 3})
        ax.plot(own["x"], own["predicted"], **style.PREDICTION)
        ends.append((own["value"].iloc[-1], str(name), "black"))
    panels.name_ends(ax, ends)


def _utility(ax: Axes, part: pd.DataFrame) -> None:
    """Lines of learners by feed, named at the ends of those without fresh rows."""
    panels.log_values(ax, "mean utility U", xlabel="generation", title="utility drifts too")
    ends = []
    for (learner, feed), own in part.groupby(["label", "curve"], sort=False):
        panels.curve(ax, own, "", LOOKS[feed] | {"marker": style.look(learner)["marker"]})
        if feed == FEEDS[0.0]:
            ends.append((own["value"].iloc[-1], generators.words(learner), LOOKS[feed]["color"]))
    panels.name_ends(ax, ends)
