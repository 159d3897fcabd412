"""Excess risk on imputed features: it falls where the mask can be told and the learner is consistent, and stays elsewhere."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from figures import generators, panels, style, tidy

CURVES = {
    "knn": ("a number, mean imputed", "mean", "knn"),
    "linear": ("a number, mean imputed", "mean", "linear"),
    "own level": ("a category, k nearest neighbours", "level", "knn"),
    "mode": ("a category, k nearest neighbours", "mode", "knn"),
}
"""Panel, scheme and learner of every curve."""
CONTROLS = ("linear", "mode")
caption = panels.caption(
    "Excess risk over the best prediction from what is seen, with 95% intervals; full lines: missing at random (MAR), dashed: "
    "not at random (MNAR). Left: after mean imputation, with {imputed:.0%} of the values replaced (the total variation between "
    "the laws before and after), nearest neighbours approach the best risk; linear regression (grey crosses), right on "
    "complete features, stays away. Right: the mode in place of a missing category (grey crosses) cannot be mended by any "
    "learner, a level of its own can."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean excess risks by n, for each way to impute and each mask; `imputed` is the share of values replaced."""
    parts = []
    for label, (panel, scheme, learner) in CURVES.items():
        treated = rows[rows["scheme"] == scheme]
        told = {"panel": panel, "label": label, "imputed": treated["imputed"].mean()}
        parts.append(tidy.means(treated[treated["learner"] == learner], "mask", "excess", **told))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return two panels: a number and a category that are missing."""
    figure, [axes] = panels.grid(3.6, 1, 2)
    for ax, (title, part) in zip(axes, estimates.groupby("panel", sort=False)):
        ends = []
        for (name, mask), own in part.groupby(["label", "curve"], sort=False):
            look = (style.CONTROL if name in CONTROLS else style.KEPT) | {"linestyle": "-" if mask == "MAR" else "--"}
            panels.curve(ax, own, "", look)
            ends.append((own["value"].iloc[-1], f"{generators.words(name)}, {mask}", look["color"]))
        panels.log_sizes(ax, np.unique(part["x"]), "training rows n")
        panels.log_values(ax, "", title=title)
        panels.name_ends(ax, ends)
    axes[0].set_ylabel("excess risk over the best possible")
    panels.headline(figure, "Imputed features cost nothing in the end where they show what was missing")
    return figure
