"""Excess risk on imputed features: it falls where the mask can be told and the learner is consistent, and stays elsewhere."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style
from figures.rows import by_n

PANELS = (
    ("mean", "a number, mean imputed", (("knn", "knn", False), ("linear", "linear", True))),
    (None, "a category, k nearest neighbours", (("level", "own level", False), ("mode", "mode", True))),
)
CAPTION = (
    "Excess risk over the best prediction from what is seen, with 95% intervals; full lines: missing at random, "
    "dashed: not at random. Left: after mean imputation, with {number:.0%} of the values replaced (the total "
    "variation between the laws before and after), nearest neighbours approach the best risk; linear regression "
    "(grey crosses), right on complete features, stays away. Right: the mode in place of a missing category (grey "
    "crosses) cannot be mended by any learner, a level of its own can."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `imputation`."""
    figure = Figure(figsize=(style.WIDTH, 3.4))
    for ax, (scheme, title, curves) in zip(figure.subplots(1, 2), PANELS):
        for key, text, control in curves:
            part = rows[(rows["learner"] == key) & (rows["scheme"] == scheme)] if scheme else rows[rows["scheme"] == key]
            part = part if scheme else part[part["learner"] == "knn"]
            for mask, (sizes, samples) in by_n(part, ["mask"], "excess").items():
                look = style.look("knn", control) | {"linestyle": "-" if mask == "MAR" else "--"}
                panels.mean_curve(ax, sizes, samples, "", look)
                if mask == "MAR":
                    panels.at_end(ax, sizes[-1], samples[-1].mean(), text, look["color"])
        panels.log_sizes(ax, sizes, "training rows n")
        ax.set_xlim(sizes[0] / 1.3, sizes[-1] * 2.6)
        panels.log_values(ax, "excess risk over the best possible")
        ax.set_title(title)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION.format(number=rows.loc[rows["scheme"] == "mean", "imputed"].mean())
