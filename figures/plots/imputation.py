"""Excess risk on imputed features: it falls where the mask can be told and the learner is consistent, and stays elsewhere."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style, tidy

CURVES = {
    "knn": ("a number, mean imputed", {"scheme": "mean", "learner": "knn"}),
    "linear": ("a number, mean imputed", {"scheme": "mean", "learner": "linear"}),
    "own level": ("a category, k nearest neighbours", {"scheme": "level", "learner": "knn"}),
    "mode": ("a category, k nearest neighbours", {"scheme": "mode", "learner": "knn"}),
}
CONTROLS = ("linear", "mode")
CAPTION = (
    "Excess risk over the best prediction from what is seen, with 95% intervals; full lines: missing at random, dashed: not "
    "at random. Left: after mean imputation, with {number:.0%} of the values replaced (the total variation between the laws "
    "before and after), nearest neighbours approach the best risk; linear regression (grey crosses), right on complete "
    "features, stays away. Right: the mode in place of a missing category (grey crosses) cannot be mended by any learner, a "
    "level of its own can."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean excess risks by n, for each way to impute and each mask; `imputed` is the share of values replaced."""
    parts = []
    for label, (panel, where) in CURVES.items():
        own = rows[(rows["scheme"] == where["scheme"]) & (rows["learner"] == where["learner"])]
        imputed = rows.loc[rows["scheme"] == where["scheme"], "imputed"].mean()
        parts.append(tidy.means(own, "mask", "excess", panel=panel, label=label, imputed=imputed))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return two panels: a number and a category that are missing."""
    figure = Figure(figsize=(style.WIDTH, 3.4))
    for ax, (title, part) in zip(figure.subplots(1, 2), estimates.groupby("panel", sort=False)):
        for (name, mask), own in part.groupby(["label", "curve"], sort=False):
            look = style.look("knn", name in CONTROLS) | {"linestyle": "-" if mask == "MAR" else "--"}
            panels.curve(ax, own, "", look)
            if mask == "MAR":
                panels.at_end(ax, own["x"].iloc[-1], own["value"].iloc[-1], name, look["color"])
        sizes = np.unique(part["x"])
        panels.log_sizes(ax, sizes, "training rows n")
        panels.log_values(ax, "excess risk over the best possible")
        ax.set(xlim=(sizes[0] / 1.3, sizes[-1] * 3), title=title)
    return figure


def caption(estimates: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION.format(number=estimates["imputed"].iloc[0])
