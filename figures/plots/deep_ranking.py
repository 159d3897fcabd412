"""A ladder of networks: their order against n, response errors and label flips, and what bounds certify."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style
from figures.claims.pairs import certified, joined
from figures.order_panels import by_kind, by_size, predicted, rate

CAPTION = (
    "Probability that synthetic data rank two networks as real data do, on an independent real test set, Wilson 95% "
    "intervals. Top left: three pairs against n, one curve for each covered law; pairs with a large gap are in order from "
    "the start, the two best only with more data. Grey crosses: a law that leaves half of the features unseen (the control). "
    "Top right: a linear and a wide network against the response error e_r (n = m = {n:,}). In the worst direction the order "
    "is kept up to the tolerance δ* and flipped from δ° on (shaded), both computed beforehand; smooth errors of the same size "
    "keep it. Bottom left: two classifiers against the rate of flipped labels; flips at random keep the order, flips of one "
    "class (the control) do not. Bottom right: share of rankings of the linear and the wide network that bounds certify; "
    "none is inconsistent."
)
PAIRS = {
    "linear / 32 units": ("linear_network", "wide_network"),
    "2 / 32 units": ("narrow_network", "wide_network"),
    "6 / 32 units": ("small_network", "wide_network"),
}


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `deep_ranking`."""
    figure = Figure(figsize=(style.WIDTH, 5.4))
    (size, error), (flips, share) = figure.subplots(2, 2)
    ladder = rows[rows["responses"] == "oracle"]
    _capacities(size, ladder)
    pair = joined(rows, "linear_network", "wide_network")
    _errors(error, pair[pair["responses"] != "oracle"])
    _flips(flips, joined(rows, "linear_classifier", "wide_classifier"))
    _certified(share, pair[pair["responses"] == "oracle"])
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION.format(n=rows["n"].max())


def _capacities(ax: Axes, rows: pd.DataFrame) -> None:
    for step, (name, (first, second)) in enumerate(PAIRS.items()):
        pair = joined(rows, first, second)
        for law, part in pair[pair["uncovered_1"] == 0].groupby("synthetic_law", observed=True, sort=False):
            shown = name if law == pair["synthetic_law"].iloc[0] else ""
            beside = part.assign(
                n=(part["n"] * 1.04 ** (step - 1)).round()
            )  # so that curves at 1 do not hide each other
            by_size(ax, beside, shown, style.ladder(step, len(PAIRS)))
    unseen = joined(rows, "narrow_network", "wide_network")
    by_size(ax, unseen[unseen["uncovered_1"] > 0], "2 / 32 units, unseen half", style.CONTROL)
    panels.log_sizes(ax, np.sort(rows["n"].unique()))
    ax.set_ylim(-0.05, 1.05)
    ax.set_ylabel("P(consistent ranking)")
    ax.set_title("different features")
    ax.legend(loc="lower right", fontsize=6.5)


def _errors(ax: Axes, pair: pd.DataFrame) -> None:
    by_kind(ax, pair, lambda _, cell: float(cell["e_r_1"].iloc[0]))
    predicted(ax, pair)
    ax.set_xlabel("response error e_r")
    ax.set_title("bad responses: linear / 32 units")
    ax.legend(loc="lower left", fontsize=6.5)


def _flips(ax: Axes, pair: pd.DataFrame) -> None:
    by_kind(ax, pair, lambda name, _: rate(name))
    ax.set_xlabel("rate of flipped labels")
    ax.set_title("flipped labels: linear / wide classifier")
    ax.legend(loc="center left", fontsize=6.5)


def _certified(ax: Axes, pair: pd.DataFrame) -> None:
    """Share of replicates certified by the class, one curve for each law."""
    for law, part in pair.groupby("synthetic_law", observed=True, sort=False):
        look = style.look(str(law), control=bool(part["uncovered_1"].max() > 0))
        shares = part.assign(_sure=certified(part, "class", "bound_sharp")).groupby("n")["_sure"].mean()
        ax.plot(shares.index, shares, label=f"{law}, TV {part['total_variation_1'].iloc[0]:.2f}", **look)
    panels.log_sizes(ax, np.sort(pair["n"].unique()))
    ax.set_ylim(-0.05, 1.05)
    ax.set_ylabel("certified share")
    ax.set_title("certified by the bound: linear / 32 units")
    ax.legend(loc="center left", fontsize=6.5)
