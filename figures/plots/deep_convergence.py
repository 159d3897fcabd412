"""Networks, utility against sample size in 2, 5 and 10 dimensions: it falls at every covering law."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style
from figures.rows import by_n

CAPTION = (
    "Top: mean utility U of networks on an independent real test set with 95% intervals, responses fitted by another network. "
    "It falls at every law that covers the real one, in every dimension, although the total variations (TV) are {tv}; the "
    "same-law case (black) is the floor; at the law that never sees half of the features (grey crosses, the control) it stays. "
    "Bottom: the per-replicate bound over the measured U, median and quartiles: never below 1 (dashed)."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `deep_convergence`."""
    rows = rows[rows["responses"] == rows["responses"].iloc[0]]
    tasks = list(rows["task"].unique())
    figure = Figure(figsize=(style.WIDTH, 5.2))
    axes = figure.subplots(2, len(tasks), sharex=True, sharey="row", squeeze=False)
    for column, task in enumerate(tasks):
        _column(axes[0, column], axes[1, column], rows[rows["task"] == task])
        axes[0, column].set_title(_title(task))
    axes[0, 0].set_ylabel("mean utility U (test)")
    axes[1, 0].set_ylabel("bound / U on each replicate")
    panels.legend_below(figure, axes[0, 0], 6)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    tv = rows[(rows["uncovered"] == 0) & (rows["total_variation"] > 1e-9)].groupby("synthetic_law")["total_variation"]
    return CAPTION.format(tv=", ".join(f"{low:.2f} to {high:.2f} ({law})" for law, low, high in _spans(tv)))


def _spans(grouped: "pd.core.groupby.SeriesGroupBy[float, str]") -> list[tuple[str, float, float]]:
    return [(str(law), float(values.min()), float(values.max())) for law, values in grouped]


def _title(task: str) -> str:
    """`tents(features=5)` becomes `p = 5 features`."""
    return f"p = {task.partition('=')[2].rstrip(')')} features" if "=" in task else task


def _column(top: Axes, bottom: Axes, rows: pd.DataFrame) -> None:
    """Utility above, bound over utility below, one curve per law."""
    for label, law in rows.groupby("synthetic_law", observed=True, sort=False):
        look = style.look(str(label), control=bool(law["uncovered"].max() > 0))
        curves = by_n(law.assign(sharp=law["bound_two_sided"] / law["utility"]), ["synthetic_law"], "sharp")
        for line, (name, (sizes, samples)) in zip(style.lines(), by_n(law, ["synthetic_law"], "utility_test").items()):
            panels.mean_curve(top, sizes, samples, name, look | line)
            panels.quartile_curve(bottom, *curves[name], name, look | line)
    bottom.axhline(1, **style.BOUND)
    panels.log_sizes(bottom, np.sort(rows["n"].unique()))
    panels.log_values(top, "")
    panels.log_values(bottom, "")
