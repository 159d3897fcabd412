"""Networks too small and large enough, under the same and under different features: only both faults leave a gap."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.estimators.slopes import plateau
from figures import panels, style, tidy
from figures.rows import by_n

caption = panels.caption(
    "Mean signed gap R(f̃) − R(f̂) on an independent real test set, 95% intervals. Left: synthetic features follow "
    "the real law; no network loses utility on average, however small, by symmetry. Middle: synthetic features crowd "
    "towards a corner; the networks too small for the task (linear, two units) keep a gap. Dotted: the predicted Δ∞ "
    "of the linear network; grey crosses: a linear network stopped early, which misses it. Open diamonds beyond the "
    "dashed line: the limit of each curve, a in a + b/n, with its 99.9% interval. Right: mean U of the wide network, "
    "and dotted the excess risk of its real training, whose rate U is held against; grey crosses: the law that never "
    "sees half of the real features."
)


STOPPED = "stopped_network"


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return gaps against n and fitted limits of every network, by law, with the predicted limit of the linear one."""
    parts = []
    wide = rows[(rows["learner"] == "wide_network") & (rows["synthetic_law"] != "uniform")]
    for _, own in wide.groupby("synthetic_law", observed=True, sort=False):
        parts.append(tidy.means(own, "synthetic_law", "utility_test", panel="utility", **tidy.law_labels(own)))
        parts.append(tidy.series("real training", own.groupby("n")["excess_real"].mean(), panel="real"))
    for law, own in rows[rows["uncovered"] == 0].groupby("synthetic_law", observed=True, sort=False):
        told = {"law": law, "total_variation": own["total_variation"].iloc[0], "predicted": own["limit"].mean()}
        parts.append(tidy.means(own, "learner", "gap_test", panel="gap", **told))
        for name, (sizes, samples) in by_n(own, ["learner"], "gap_test").items():
            if len(sizes) >= 3 and name != STOPPED:
                parts.append(tidy.points(name, [np.inf], [plateau(sizes, samples, 0.999)], panel="limit", **told))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `deep_specification`."""
    laws = list(estimates[estimates["panel"].isin(("gap", "limit"))].groupby("law", sort=False))
    figure, [axes] = panels.grid(3.6, 1, len(laws) + 1)
    for ax in axes[1:-1]:
        ax.sharey(axes[0])
    for ax, (_, part) in zip(axes, laws):
        gaps, limits = panels.of(part, "gap"), panels.of(part, "limit")
        sizes = np.unique(gaps["x"])
        shown = gaps.assign(label=gaps["curve"].str.replace("_", " "), control=gaps["curve"] == STOPPED)
        panels.curves(ax, shown, "{label}")
        places = sizes[-1] * 2.2 * 1.35 ** np.arange(len(limits))
        panels.curves(ax, limits.assign(x=places), "", marker="D", markerfacecolor="white")
        predicted, tv = part[["predicted", "total_variation"]].iloc[0]
        name = "same features: no\nnetwork loses" if tv < 1e-9 else f"other features (TV {tv:.2f}):\na small network loses"
        panels.log_sizes(ax, sizes, title=name)
        ax.axvline(sizes[-1] * 1.5, color="0.7", linewidth=0.8, linestyle="--")
        ax.axhline(predicted, **style.PREDICTION)
        text, at = f"predicted Δ∞: {predicted:.3f}", ("axes fraction", "data")
        place, aligned = ((0, -5), "top") if predicted > 0.01 else ((0, 4), "bottom")
        ax.annotate(text, (0.02, predicted), place, at, "offset points", va=aligned, fontsize=8)
        ax.text(sizes[-1] * 1.7, 0.97, "limits", va="top", fontsize=8, transform=ax.get_xaxis_transform())
        ax.tick_params(axis="x", labelrotation=45)
    axes[0].set_ylabel("mean signed gap")
    utility = panels.of(estimates, "utility")
    panels.curves(axes[-1], utility, "", lambda _: style.look("wide_network"))
    panels.curves(axes[-1], panels.of(estimates, "real").drop_duplicates("x"), "", lambda _: style.PREDICTION)
    panels.log_sizes(axes[-1], utility["x"], title="the wide network:\nU → 0")
    panels.log_values(axes[-1], "mean U on test")
    panels.legend_below(figure, axes[-2], 4)
    return figure
