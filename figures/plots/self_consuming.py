"""A loop of generators: drift of the law, loss of spread, and what both do to utility and ranking."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.related.loops import shrinkage
from figures import panels, style, tidy

CAPTION = (
    "Top left: total variation between the real law and a kernel density retrained on its own output: linear growth (n = "
    "{n:,}; dotted: widening alone), against a flat curve with half fresh real rows. Top right: the same over n; every "
    "generation falls in parallel to n^(−2/5). Bottom left: expected spread of refitted normal laws, on the exact curves "
    "c(n)^t (dotted). Bottom right: mean utility U of models trained on each generation, full lines for the loop alone, "
    "dashed with half fresh rows; numbers: in what share of replicates the models keep the order they have after real "
    "training (alone / half fresh). Intervals: 95%."
)
FEEDS = {0.0: "own output only", 0.5: "half fresh real rows"}
LOOKS = {FEEDS[0.0]: style.look("leaking") | {"linestyle": "-"}, FEEDS[0.5]: style.look("knn") | {"linestyle": "--"}}


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
    """Return four panels: drift by generation and by n, spread, utility."""
    figure, [(drift, rate), (spread, utility)] = panels.grid(5.6, 2, 2)
    part = panels.of(estimates, "drift")
    panels.curves(drift, part, look=LOOKS.__getitem__, linestyle="-")
    alone = part[part["curve"] == FEEDS[0.0]]
    drift.plot(alone["x"], alone["predicted"], **style.PREDICTION)
    drift.set(ylim=(0, None), xlabel="generation", ylabel="total variation", title="own output: drift; half real: none")
    drift.legend(loc="upper left")
    _rate(rate, panels.of(estimates, "rate"))
    _spread(spread, panels.of(estimates, "spread"))
    _utility(utility, panels.of(estimates, "utility"), panels.of(estimates, "order kept"))
    return figure


def caption(estimates: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION.format(n=int(estimates.loc[estimates["panel"] == "rate", "x"].max()))


def _rate(ax: Axes, part: pd.DataFrame) -> None:
    for (feed, name), own in part.groupby(["curve", "label"], sort=False):
        panels.curve(ax, own, "", LOOKS[feed])
        if feed == FEEDS[0.0]:
            panels.at_end(ax, own["x"].iloc[-1], own["value"].iloc[-1], name, LOOKS[feed]["color"])
    sizes = np.unique(part["x"])
    first = part.loc[(part["x"] == sizes[0]) & (part["label"] == "gen. 0"), "value"].mean()
    ax.plot(sizes, 0.72 * first * (sizes / sizes[0]) ** -0.4, label="slope −2/5", **style.PREDICTION)
    panels.log_sizes(ax, sizes, "rows n of each generation")
    panels.log_values(ax, "total variation", xlim=(sizes[0] / 1.3, sizes[-1] * 4), title="every generation at rate n^(−2/5)")
    ax.legend(loc="lower left")


def _spread(ax: Axes, part: pd.DataFrame) -> None:
    for slot, (name, own) in zip(("poly", "knn", "forest", "beta(a=3)"), part.groupby("curve", sort=False)):
        look = style.look(slot)
        panels.curve(ax, own, "", look | {"linestyle": "none"})
        ax.plot(own["x"], own["predicted"], **style.PREDICTION)
        panels.at_end(ax, own["x"].iloc[-1], own["value"].iloc[-1], str(name), look["color"])
    ax.set(xlim=(0, part["x"].max() * 1.25), ylim=(0, 1.03), xlabel="refits t", ylabel="mean spread")
    ax.set_title("normal fits lose spread at c(n)^t")


def _utility(ax: Axes, part: pd.DataFrame, kept: pd.DataFrame) -> None:
    for (learner, feed), own in part.groupby(["label", "curve"], sort=False):
        alone = feed == FEEDS[0.0]
        panels.curve(ax, own, learner if alone else "", style.look(learner) | {"linestyle": LOOKS[feed]["linestyle"]})
    panels.log_values(ax, "mean utility U")
    low, high = ax.get_ylim()
    ax.set(xlim=(-1.5, part["x"].max() + 1), ylim=(low / 5, high * 4), xlabel="generation")
    ax.set_title("U of models trained on each generation")
    ax.text(-1.3, low / 2.1, "order kept, alone/half fresh:", fontsize=6.5)
    shares = kept.pivot(index="x", columns="curve", values="value")[list(FEEDS.values())]
    for generation, (alone, fed) in zip(shares.index, shares.to_numpy()):
        if generation % 5 == 0 or len(shares) < 6:
            ax.annotate(f"{alone:.0%}/{fed:.0%}", (generation, low / 3.8), ha="center", fontsize=6.5)
    ax.legend(loc="upper left", ncols=3)
