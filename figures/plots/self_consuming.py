"""A loop of generators: drift of the law, loss of spread, and what both do to utility and ranking."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import Interval, mean_interval
from experiments.related.loops import shrinkage
from figures import panels, style

CAPTION = (
    "Top left: total variation between the real law and a kernel density retrained on its own output: linear "
    "growth (n = {n:,}; dotted: widening alone), against a flat curve with half fresh real rows. Top right: the "
    "same over n; every generation falls in parallel to n^(−2/5). Bottom left: expected spread of refitted normal "
    "laws, on the exact curves c(n)^t (dotted). Bottom right: mean utility U of models trained on each "
    "generation, full lines for the loop alone, dashed with half fresh rows; numbers: in what share of replicates "
    "the models keep the order they have after real training (alone / half fresh). Intervals: 95%."
)
ALONE, FED = style.look("leaking"), style.look("knn")


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `self_consuming`."""
    figure = Figure(figsize=(style.WIDTH, 5.6))
    (drift, rate), (spread, utility) = figure.subplots(2, 2)
    kernel = rows[rows["tv"].notna()]
    _drift(drift, kernel[kernel["n"] == kernel["n"].max()])
    _rate(rate, kernel)
    _spread(spread, rows[rows["spread"].notna()])
    _utility(utility, rows[rows["utility"].notna()])
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION.format(n=int(rows.loc[rows["tv"].notna(), "n"].max()))


def _drift(ax: Axes, rows: pd.DataFrame) -> None:
    for share, look, text in ((0.0, ALONE, "own output only"), (0.5, FED, "half fresh real rows")):
        part = rows[rows["share"] == share]
        table = part.pivot(index="generation", columns="replicate", values="tv")
        panels.mean_curve(ax, table.index.to_numpy(), table.to_numpy(), text, look)
    alone = rows[rows["share"] == 0].groupby("generation")["widened"].mean()
    ax.plot(alone.index, alone, **style.PREDICTION)
    ax.set_ylim(0, None)
    ax.set_xlabel("generation")
    ax.set_ylabel("total variation")
    ax.set_title("fed on itself it drifts, half fed it stays")
    ax.legend(loc="upper left")


def _rate(ax: Axes, rows: pd.DataFrame) -> None:
    shown = [g for g in (0, 5, 10) if g in set(rows["generation"])]
    for share, look, line in ((0.0, ALONE, "-"), (0.5, FED, "--")):
        for generation in shown:
            part = rows[(rows["share"] == share) & (rows["generation"] == generation)]
            table = part.pivot(index="n", columns="replicate", values="tv")
            panels.mean_curve(ax, table.index.to_numpy(float), table.to_numpy(), "", look | {"linestyle": line})
            if share == 0:
                panels.at_end(ax, table.index.max(), table.iloc[-1].mean(), f"gen. {generation}", look["color"])
    sizes = np.array(sorted(rows["n"].unique()), dtype=float)
    start = rows[(rows["n"] == sizes[0]) & (rows["generation"] == 0)]["tv"].mean()
    ax.plot(sizes, 0.72 * start * (sizes / sizes[0]) ** -0.4, label="slope −2/5", **style.PREDICTION)
    panels.log_sizes(ax, sizes, "rows n of each generation")
    panels.log_values(ax, "total variation")
    ax.set_xlim(sizes[0] / 1.3, sizes[-1] * 3)
    ax.set_title("every generation at rate n^(−2/5)")
    ax.legend(loc="lower left")


def _spread(ax: Axes, rows: pd.DataFrame) -> None:
    for slot, (n, part) in zip(("poly", "knn", "forest", "beta(a=3)"), rows.groupby("n")):
        look = style.look(slot)
        means = part.groupby("generation")["spread"].mean()
        ax.plot(means.index, means, linestyle="none", **look)
        fine = np.linspace(0, means.index.max(), 100)
        ax.plot(fine, shrinkage(int(n)) ** fine, **style.PREDICTION)
        panels.at_end(ax, means.index.max(), means.iloc[-1], f"n = {n:.0f}", look["color"])
    ax.set_xlim(0, rows["generation"].max() * 1.25)
    ax.set_ylim(0, 1.03)
    ax.set_xlabel("refits t")
    ax.set_ylabel("mean spread")
    ax.set_title("normal fits lose spread at c(n)^t")


def _utility(ax: Axes, rows: pd.DataFrame) -> None:
    for learner, part in rows.groupby("learner", observed=True):
        look = style.look(str(learner))
        for share, line in ((0.0, "-"), (0.5, "--")):
            table = part[part["share"] == share].pivot(index="generation", columns="replicate", values="utility")
            text = str(learner) if share == 0 else ""
            panels.mean_curve(ax, table.index.to_numpy(), table.to_numpy(), text, look | {"linestyle": line})
    panels.log_values(ax, "mean utility U")
    ax.set_xlabel("generation")
    ax.set_title("U of models trained on each generation")
    low, high = ax.get_ylim()
    ax.set_ylim(low / 4, high * 4)
    ax.set_xlim(-1, rows["generation"].max() + 1)
    ax.text(-0.9, low / 2.1, "order kept, alone/half fed:", fontsize=6.5)
    kept = {share: order_kept(rows[rows["share"] == share]) for share in (0.0, 0.5)}
    for generation in kept[0.0]:
        if generation % 5 == 0 or len(kept[0.0]) < 6:
            text = f"{kept[0.0][generation].value:.0%}/{kept[0.5][generation].value:.0%}"
            ax.annotate(text, (generation, low / 3.4), ha="center", fontsize=6.5)
    ax.legend(loc="upper left", ncols=3)


def order_kept(rows: pd.DataFrame) -> dict[int, Interval]:
    """Return, by generation, in what share of replicates all learners rank as after real training."""
    shares = {}
    for generation, part in rows.groupby("generation"):
        orders = [
            np.argsort(part.pivot(index="replicate", columns="learner", values=c).to_numpy(), axis=1)
            for c in ("excess", "excess_real")
        ]
        shares[int(generation)] = mean_interval((orders[0] == orders[1]).all(axis=1).astype(float))
    return shares
