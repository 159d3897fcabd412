"""Unlearning a shortcut: a few steps of ascent help, more destroy."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from experiments.estimators.intervals import mean_interval
from figures import panels, style

CAPTION = (
    "Further training of a model that leans on a format of its synthetic rows, with 95% intervals at the end; "
    "every arm takes the same number of steps, the first of them uphill on synthetic rows. Left: log loss on real "
    "rows by step; black: plain training on real rows. Middle: the weight on the format feature, of no use on "
    "real rows. Right: loss at the end against plain training, paired by replicate: some steps gain a little, "
    "more lose."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `shortcut`."""
    rows = rows[(rows["n"] == rows["n"].max()) & (rows["ratio"] == rows["ratio"].max())]
    figure = Figure(figsize=(style.WIDTH, 3.2))
    left, middle, right = figure.subplots(1, 3)
    arms = sorted(rows["ascent"].unique())
    colours = ["black", *sns.color_palette("flare", max(len(arms) - 1, 1)).as_hex()]
    for arm, colour in zip(arms, colours):
        means = rows[rows["ascent"] == arm].groupby("step")[["risk", "lean"]].mean()
        left.plot(means.index, means["risk"], color=colour, label=f"{arm:.0f} steps up")
        middle.plot(means.index, means["lean"], color=colour)
    left.set_ylabel("log loss on real rows")
    left.set_title("further training")
    middle.axhline(0, **style.BOUND)
    middle.set_ylabel("weight on the format")
    middle.set_title("the lean goes")
    for ax in (left, middle):
        ax.set_xlabel("step")
    end = rows[rows["step"] == rows["step"].max()].pivot(index="ascent", columns="replicate", values="risk")
    gains = [mean_interval(end.loc[arm].to_numpy() - end.loc[0].to_numpy()) for arm in arms]
    panels.interval_curve(right, np.arange(len(arms), dtype=np.float64), gains, "", style.look("leaking"))
    right.axhline(0, **style.BOUND)
    right.set_xticks(range(len(arms)), [f"{a:.0f}" for a in arms])
    right.set_xlabel("steps up")
    right.set_ylabel("loss − loss of plain training")
    right.set_title("few help, many harm")
    panels.legend_below(figure, left, 5)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION
