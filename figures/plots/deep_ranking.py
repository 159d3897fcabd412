"""A ladder of networks: their order against n, response errors and label flips, and what bounds certify."""


import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style, tidy
from figures.claims.pairs import certified, joined

caption = panels.caption(
    "Probability that synthetic data rank two networks as real data do, on an independent real test set, exact 95% "
    "intervals. Top left: three pairs against n, one curve for each covered law; pairs with a large gap are in order from "
    "the start, the two best only with more data. Grey crosses: a law that leaves half of the features unseen (the control). "
    "Top right: a linear and a wide network against the response error e_r (n = m = {n:,.0f}). In the worst direction the "
    "order is kept up to the tolerance δ* and flipped from δ° on (shaded), both computed beforehand; smooth errors of the "
    "same size keep it. Bottom left: two classifiers against the rate of flipped labels; flips at random keep the order, "
    "flips of one class (the control) do not. Bottom right: share of rankings of the linear and the wide network that bounds "
    "certify; none is inconsistent."
)
PAIRS = {
    "linear / 32 units": ("linear_network", "wide_network"),
    "2 / 32 units": ("narrow_network", "wide_network"),
    "6 / 32 units": ("small_network", "wide_network"),
}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rankings against n, e_r and the rate of flips, and certified shares against n."""
    pair, classes = joined(rows, "linear_network", "wide_network"), joined(rows, "linear_classifier", "wide_classifier")
    classes = classes.assign(rate=tidy.flip_rates(classes["responses"]))
    exact = pair["responses"] == "oracle"
    parts = []
    for name, models in PAIRS.items():
        joint = joined(rows[rows["responses"] == "oracle"], *models)
        for law, part in joint[joint["uncovered_1"] == 0].groupby("synthetic_law", observed=True, sort=False):
            parts.append(tidy.rankings(part, name, panel="size", law=law, control=0))
    unseen = joined(rows[rows["responses"] == "oracle"], *PAIRS["2 / 32 units"])
    unseen = unseen[unseen["uncovered_1"] > 0]
    parts += [
        tidy.rankings(unseen, "2 / 32 units, unseen half", panel="size", law="unseen", control=1),
        tidy.rankings_by_kind(pair[~exact], "e_r_1", panel="response error"),
        tidy.rankings_by_kind(classes, "rate", panel="flipped labels"),
    ]
    for law, part in pair[exact].groupby("synthetic_law", observed=True, sort=False):
        shares = part.assign(share=certified(part, "class", "bound_sharp")).groupby("n")["share"].mean()
        parts.append(tidy.series(str(law), shares, panel="certified", **tidy.law_labels(part, "_1")))
    return tidy.table(parts).assign(n=rows["n"].max())


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `deep_ranking`."""
    figure, [(size, error), (flips, share)] = panels.grid(5.4, 2, 2)
    _draw_by_size(size, panels.of(estimates, "size"))
    title = "bad responses: linear / 32 units"
    panels.draw_rankings(error, panels.of(estimates, "response error"), "response error e_r", title)
    title = "flipped labels: linear / wide classifier"
    panels.draw_rankings(flips, panels.of(estimates, "flipped labels"), "rate of flipped labels", title)
    certified = panels.of(estimates, "certified")
    panels.curves(share, certified, "{curve}, TV {total_variation:.2f}")
    panels.log_sizes(share, certified["x"])
    share.set(ylabel="certified share", ylim=(-0.05, 1.05), title="certified by the bound: linear / 32 units")
    for ax in (flips, share):
        panels.legend(ax, "center left", 6.5)
    return figure


def _draw_by_size(ax: Axes, part: pd.DataFrame) -> None:
    """Curves of one pair side by side, so that those at 1 do not hide each other; the first has a name."""
    for (name, law), own in part.groupby(["curve", "law"], sort=False):
        first = law == part.loc[part["curve"] == name, "law"].iloc[0]
        step = list(PAIRS).index(str(name)) if name in PAIRS else 1
        look = style.CONTROL if own["control"].iloc[0] == 1 else style.ladder(step, len(PAIRS))
        panels.curve(ax, own.assign(x=(own["x"] * 1.04 ** (step - 1)).round()), str(name) if first else "", look)
    panels.log_sizes(ax, part["x"], ylabel="P(consistent ranking)", ylim=(-0.05, 1.05), title="different features")
    panels.legend(ax, "lower right", 6.5)
