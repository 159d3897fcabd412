"""A ladder of networks: their order against n, response errors and wrong labels, and what bounds certify."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, tidy
from figures.claims.pairs import certified, joined
from figures.plots.ranking_responses import wrong_labels
from figures.rows import without_options

caption = panels.caption(
    "Top left and middle: probability that synthetic data rank two networks as real data do, on an independent real test set, "
    "by law (down) and n = m (across), with responses of another network and with exact ones; black is 1, lower values in "
    "figures. Pairs with a gap are in order from the start, the two best (6 / 32) only with more data. Rows below the line are "
    "near misses: a law that leaves half of the features unseen, and responses that follow a fitted line. Top right: a linear "
    "and a wide network against the response error e_r (n = m = {n:,.0f}, 95% intervals). In the worst direction the order is "
    "kept up to the tolerance δ* and flipped from δ° on (shaded), both computed beforehand; smooth errors of the same size keep "
    "it. Bottom left: two classifiers against the share of wrong labels: those of one class undo the order at the predicted "
    "share (dotted), as many of both classes do not. Bottom middle: why. The better classifier loses accuracy until both call "
    "everything 1. Bottom right: share of rankings of the linear and the wide network that bounds certify; none is inconsistent."
)
PAIRS = {
    "linear / 32": ("linear_network", "wide_network"),
    "2 / 32": ("narrow_network", "wide_network"),
    "linear / 2": ("linear_network", "narrow_network"),
    "6 / 32": ("small_network", "wide_network"),
}
CLASSIFIERS = {"linear_classifier": "linear", "wide_classifier": "32 units"}
ORDERED = {"network": "fitted responses", "oracle": "exact responses"}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rankings by responses, law and n, against e_r and the share of wrong labels, and certified shares against n."""
    parts, missed = [], []
    for name, models in PAIRS.items():
        for (kind, law), own in joined(rows, *models).groupby(["responses", "synthetic_law"], observed=True, sort=False):
            control = int(kind == "line" or own["uncovered_1"].max() > 0)
            if (kind in ORDERED or kind == "line") and (law != "uncovered" or name == "2 / 32"):
                curve = f"{name}, {law}" + (", line" if kind == "line" else "")
                target = missed if control else parts
                target.append(tidy.rankings(own, curve, panel="size", responses=str(kind), law=law, control=control))
    pair, classes = joined(rows, *PAIRS["linear / 32"]), joined(rows, *CLASSIFIERS)
    exact, fitted = pair["responses"] == "oracle", pair["responses"].isin(["network", "line"])
    wrong = rows[without_options(rows["responses"]) == "one_sided"]
    risks = tidy.means(wrong, "learner", "excess_synthetic", "wrong_labels", panel="risk")
    if not wrong.empty:
        risks = risks.assign(flip=wrong["flip"].max())
    known = {"kind": "one_sided", "tolerance": "flip"}
    parts += [
        *missed,
        tidy.rankings_by_kind(pair[~exact & ~fitted], "e_r_1", panel="response error"),
        tidy.rankings_by_kind(classes, "wrong_labels_1", **known, panel="wrong labels"),
        risks,
    ]
    for law, part in pair[exact].groupby("synthetic_law", observed=True, sort=False):
        shares = part.assign(share=certified(part, "class", "bound_sharp")).groupby("n")["share"].mean()
        parts.append(tidy.series(str(law), shares, panel="certified", **tidy.law_labels(part, "_1")))
    return tidy.table(parts).assign(n=rows["n"].max())


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `deep_ranking`."""
    figure, [(fitted, oracle, error), (flips, risk, share)] = panels.grid(5.6, 2, 3)
    size = panels.of(estimates, "size")
    for ax, (kind, title) in zip((fitted, oracle), ORDERED.items()):
        own = size[(size["responses"] == kind) | ((size["responses"] == "line") & (kind == "network"))]
        panels.matrix(ax, own, title, lambda name: name.replace("_", " "))
        ax.axhline(own.loc[own["control"] == 0, "curve"].nunique(), color="black", linewidth=1.2)
        ax.set_xlabel("n = m")
    title = "bad responses: linear / 32"
    panels.draw_rankings(error, panels.of(estimates, "response error"), "response error e_r", title)
    title = "classifiers: linear / 32"
    panels.draw_rankings(flips, panels.of(estimates, "wrong labels"), "share of wrong labels", title, ("predicted", ""))
    wrong_labels(risk, panels.of(estimates, "risk"), CLASSIFIERS)
    certified = panels.of(estimates, "certified")
    panels.curves(share, certified, "{curve}, TV {total_variation:.2f}")
    panels.log_sizes(share, certified["x"])
    share.set(ylabel="certified share", ylim=(-0.05, 1.05), title="certified: linear / 32")
    panels.legend(share, "center left", 6.5)
    return figure
