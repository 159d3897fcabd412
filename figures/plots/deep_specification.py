"""Networks too small and large enough, under the same and under different features: only both faults leave a gap."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.estimators.slopes import plateau
from figures import panels, style, tidy
from figures.rows import by_n

caption = panels.caption(
    "Mean signed gap R(f̃) − R(f̂) on an independent real test set, 95% intervals. Left: synthetic features follow the real "
    "law; no network loses utility, however small. Right: synthetic features crowd towards a corner; the networks too small "
    "for the task (linear, two units) keep a gap, the wide one does not. Dotted: the predicted Δ∞ of the linear network. "
    "Open diamonds beyond the dashed line: the limit of each curve, a in a + b/n, with its 99.9% interval."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return gaps against n and fitted limits of every network, by law, with the predicted limit of the linear one."""
    parts = []
    for law, own in rows.groupby("synthetic_law", observed=True, sort=False):
        told = {"law": law, "total_variation": own["total_variation"].iloc[0], "predicted": own["limit"].mean()}
        parts.append(tidy.means(own, "learner", "gap_test", panel="gap", **told))
        for name, (sizes, samples) in by_n(own, ["learner"], "gap_test").items():
            if len(sizes) >= 3:
                parts.append(tidy.points(name, [np.inf], [plateau(sizes, samples, 0.999)], panel="limit", **told))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `deep_specification`."""
    laws = list(estimates.groupby("law", sort=False))
    figure, [axes] = panels.grid(3.3, 1, len(laws), sharey=True)
    for ax, (law, part) in zip(axes, laws):
        gaps, limits = panels.of(part, "gap"), panels.of(part, "limit")
        sizes = np.unique(gaps["x"])
        panels.curves(ax, gaps.assign(label=gaps["curve"].str.replace("_", " ")), "{label}")
        places = sizes[-1] * 2.2 * 1.35 ** np.arange(len(limits))
        panels.curves(ax, limits.assign(x=places), "", marker="D", markerfacecolor="white")
        predicted, tv = part[["predicted", "total_variation"]].iloc[0]
        panels.log_sizes(ax, sizes, title="same features" if tv < 1e-9 else f"different features ({law}, TV {tv:.2f})")
        ax.axvline(sizes[-1] * 1.5, color="0.7", linewidth=0.8, linestyle="--")
        ax.axhline(predicted, **style.PREDICTION)
        text, at = f"predicted Δ∞ of the linear network: {predicted:.3f}", ("axes fraction", "data")
        place, aligned = ((0, -5), "top") if predicted > 0.01 else ((0, 4), "bottom")
        ax.annotate(text, (0.02, predicted), place, at, "offset points", va=aligned, fontsize=7)
    axes[0].set_ylabel("mean signed gap")
    panels.legend_below(figure, axes[0], 4)
    return figure
