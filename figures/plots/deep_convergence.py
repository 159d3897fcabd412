"""Networks, utility against sample size in 2, 5 and 10 dimensions: it falls at every covering law."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style, tidy

CAPTION = (
    "Top: mean utility U of networks on an independent real test set with 95% intervals, responses fitted by another "
    "network. It falls at every law that covers the real one, in every dimension, although the total variations (TV) are "
    "{tv}; the same-law case (black) is the floor; at the law that leaves out half of the features (grey crosses, the "
    "control) it does not. Bottom: the per-replicate bound over the measured U, median and quartiles: never below 1 "
    "(dashed)."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return utilities and sharpness of the bound for each task and law, against n."""
    rows = rows[rows["responses"] == rows["responses"].iloc[0]]
    rows = rows.assign(sharpness=rows["bound_two_sided"] / rows["utility"])
    parts = []
    for task, own in rows.groupby("task", observed=True, sort=False):
        for _, law in own.groupby("synthetic_law", observed=True, sort=False):
            told = tidy.law_labels(law) | {"task": str(task)}
            parts.append(tidy.means(law, "synthetic_law", "utility_test", panel="utility", **told))
            parts.append(tidy.quartiles(law, "synthetic_law", "sharpness", panel="sharpness", **told))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `deep_convergence`."""
    figure, axes = panels.grid(5.2, 2, estimates["task"].nunique(), sharex=True, sharey="row")
    for (top, bottom), (task, part) in zip(axes.T, estimates.groupby("task", sort=False)):
        panels.curves(top, panels.of(part, "utility"))
        panels.curves(bottom, panels.of(part, "sharpness"))
        bottom.axhline(1, **style.BOUND)
        panels.log_sizes(bottom, part["x"])
        panels.log_values(top, "")
        panels.log_values(bottom, "")
        top.set_title(f"p = {tidy.option(str(task))} features" if "=" in str(task) else str(task))
    axes[0, 0].set_ylabel("mean utility U (test)")
    axes[1, 0].set_ylabel("bound / U on each replicate")
    panels.legend_below(figure, axes[0, 0], 6)
    return figure


def caption(estimates: pd.DataFrame) -> str:
    """Return the caption."""
    covering = estimates[(estimates["control"] == 0) & (estimates["total_variation"] > 1e-9)]
    spans = covering.groupby(covering["curve"].map(style.base))["total_variation"].agg(["min", "max"]).itertuples()
    return CAPTION.format(tv=", ".join(f"{low:.2f} to {high:.2f} ({law})" for law, low, high in spans))
