"""The order of models under different features: probability of a consistent ranking, and the share that bounds certify."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, tidy
from figures.claims.pairs import certified, joined

caption = panels.caption(
    "Top: probability that synthetic data rank the two models as real data do (risks on an independent real test set, "
    "exact 95% intervals), for a large, a medium and a small gap between them: the wrong class against nearest neighbours. "
    "At every covered law the ranking becomes consistent, sooner where the gap is large; at the law that leaves most "
    "features unseen (grey crosses, the control) it does not. With the small gap the order after real training itself "
    "changes as n grows, and synthetic data follow later. Bottom: share of replicates whose ranking is certified, none of "
    "which is inconsistent: solid, by the transfer bound of nearest neighbours against the approximation error of the "
    "class; dashed, certified with probability 1 − (a priori bound)/(approximation error), before any response is seen."
)
GAPS = {"linear": "large gap", "quadratic": "medium gap", "cubic": "small gap"}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rankings of each wrong class against nearest neighbours, and shares certified, by law, against n."""
    parts = []
    for wrong in GAPS:
        for label, law in joined(rows, wrong, "knn").groupby("synthetic_law", observed=True, sort=False):
            told = {"wrong_class": wrong, "class_error": law["class_error_1"].iloc[0], **tidy.law_labels(law, "_1")}
            parts.append(tidy.rankings(law, label, panel="ranking", **told))
            law = law.assign(certified=certified(law, "class", "bound_sharp"))
            means = law.groupby("n")[["certified", "bound_lipschitz_2", "class_error_1"]].mean()
            prior = 1 - means["bound_lipschitz_2"] / means["class_error_1"]
            parts.append(tidy.series(label, means["certified"], panel="certified", **told))
            parts.append(tidy.series(label, prior[prior > 0], panel="certified a priori", **told))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `ranking_features`."""
    figure, axes = panels.grid(4.4, 2, 3, sharex=True, sharey="row")
    for column, (wrong, gap) in enumerate(GAPS.items()):
        part = estimates[estimates["wrong_class"] == wrong]
        if part.empty:
            continue
        top, bottom = axes[:, column]
        panels.curves(top, panels.of(part, "ranking"), "{curve}, TV {total_variation:.2f}")
        panels.curves(bottom, panels.of(part, "certified"), "")
        panels.curves(bottom, panels.of(part, "certified a priori"), "", linestyle="--", marker="", linewidth=1.0)
        top.set_title(f"{gap}: {wrong} / knn\nclass error {part['class_error'].iloc[0]:.3f}")
        panels.log_sizes(bottom, estimates["x"])
    axes[0, 0].set_ylabel("P(consistent ranking)")
    axes[1, 0].set_ylabel("certified share")
    panels.legend_below(figure, axes[0, 0])
    return figure
