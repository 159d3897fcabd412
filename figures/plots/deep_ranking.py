"""A ladder of networks: their order against n, response errors and wrong labels."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style, tidy
from figures.claims.pairs import joined
from figures.plots.ranking_responses import wrong_labels
from figures.rows import without_options

caption = panels.caption(
    "Top: probability that synthetic data rank two networks (named by their hidden units) as real data do, on an independent "
    "real test set, against n = m, at three laws of features, with responses of another network (filled) and exact ones "
    "(open). Pairs with a large gap are in order from the start, others later or less often. Grey crosses, the near misses: "
    "responses that follow a fitted line, which every network can represent, and a law that leaves half of the features "
    "unseen. Bottom left: a linear and a wide network against the response error e_r (n = m = {n:,.0f}). In the worst "
    "direction the order is kept below δ* and flipped beyond δ°, both computed beforehand and judged off by a fifth (shades);"
    " smooth errors of the same size keep it. Bottom middle: two classifiers against the share of wrong labels: those of one "
    "class undo the order at the predicted share, as many of both classes do not. Bottom right: why. The better "
    "classifier loses accuracy until both call everything 1 (dotted: the predicted share). Intervals are 95%."
)
PAIRS = {
    "linear / 32": ("linear_network", "wide_network"),
    "2 / 32": ("narrow_network", "wide_network"),
    "linear / 2": ("linear_network", "narrow_network"),
    "6 / 32": ("small_network", "wide_network"),
}
CLASSIFIERS = {"linear_classifier": "linear", "wide_classifier": "32 units"}
ORDERED = {"network": "fitted responses", "oracle": "exact responses"}
LAWS = {"mild_shift": "shift", "copula": "copula", "leaking": "leak", "uncovered": "unseen"}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rankings by responses, law and n, and against e_r and the share of wrong labels."""
    parts = []
    for name, models in PAIRS.items():
        for (kind, law), own in joined(rows, *models).groupby(["responses", "synthetic_law"], observed=True, sort=False):
            unseen = own["uncovered_1"].max() > 0
            told = {"responses": "near misses" if kind == "line" or unseen else kind, "law": law, "control": int(unseen)}
            curve = f"{name} {LAWS.get(str(law), law)}"
            if unseen or kind == "line":
                own, curve = own[own["n"] == own["n"].max()], f"{curve}, {ORDERED.get(str(kind), 'line').split()[0]}"
            if (kind in ORDERED or kind == "line") and (not unseen or models == PAIRS["2 / 32"]):
                parts.append(tidy.rankings(own, curve, panel="size", **told))
    pair, classes = joined(rows, *PAIRS["linear / 32"]), joined(rows, *CLASSIFIERS)
    bad = pair[without_options(pair["responses"]).isin(["worst", "biased"])]
    wrong = rows[without_options(rows["responses"]) == "one_sided"]
    risks = tidy.means(wrong, "learner", "excess_synthetic", "wrong_labels", panel="risk")
    parts += [
        tidy.rankings_by_kind(bad, "e_r_1", panel="response error"),
        tidy.rankings_by_kind(classes, "wrong_labels_1", kind="one_sided", tolerance="flip", panel="wrong labels"),
        risks if wrong.empty else risks.assign(flip=wrong["flip"].max()),
    ]
    return tidy.table(parts).assign(n=rows["n"].max())


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `deep_ranking`."""
    figure = Figure(figsize=(style.WIDTH, 5.4))
    [[above], [below]] = figure.subfigures(2, 1, squeeze=False)
    (error, flips, risk) = below.subplots(1, 3)
    size = panels.of(estimates, "size")
    for ax, pair in zip(above.subplots(1, len(PAIRS), sharey=True), PAIRS):
        _by_size(ax, size[size["curve"].str.startswith(f"{pair} ")])
        panels.log_sizes(ax, size["x"], "n = m", title=f"{pair} units")
    panels.legend(above.axes[-1], "lower right")
    above.axes[0].set(ylabel="P(ranked as on real data)", ylim=(-0.06, 1.06))
    panels.draw_rankings(error, panels.of(estimates, "response error"), "size of the response error", "linear / 32 units")
    title = "classifiers: linear / 32"
    panels.draw_rankings(flips, panels.of(estimates, "wrong labels"), "share of wrong labels", title, ("predicted", ""))
    wrong_labels(risk, panels.of(estimates, "risk"), CLASSIFIERS)
    panels.headline(above, "Networks with a large gap keep their order under different features")
    panels.headline(below, "Bad responses keep the order up to a point that is known beforehand")
    return figure


def _by_size(ax: Axes, part: pd.DataFrame) -> None:
    """One pair at every law: fitted responses filled, exact ones open, near misses as grey crosses."""
    for (kind, law), own in part.groupby(["responses", "law"], sort=False):
        if kind == "near misses":
            ax.plot(own["x"], own["value"], **style.CONTROL, linestyle="none")
            continue
        look = style.ladder(list(LAWS).index(str(law)), len(LAWS)) | {"fillstyle": "none" if kind == "oracle" else "full"}
        panels.curve(ax, own.sort_values("x"), panels.law(str(law)) if kind == "oracle" else "", look)
    near = part[part["responses"] == "near misses"]
    if not near.empty:
        at = near["x"].max(), near["value"].mean()
        panels.beside(ax, at, "near misses", style.CONTROL["color"], (-6, 0))
