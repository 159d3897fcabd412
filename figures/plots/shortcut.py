"""Unlearning a shortcut: a few steps of ascent help, more destroy."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style, tidy

PANELS = ("log loss", "weight", "loss at the end")
caption = panels.caption(
    "Further training of a model that leans on a format of its synthetic rows, with 95% intervals at the end; every arm "
    "takes the same number of steps, the first of them uphill on synthetic rows. Left: log loss on real rows by step; full: "
    "plain training on real rows. Middle: the weight on the format feature, of no use on real rows. Right: loss at the end "
    "against plain training, paired by replicate: some steps gain a little, more lose."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean loss and weight by step, one curve for each number of steps up, and the final loss against plain training."""
    rows = rows[(rows["n"] == rows["n"].max()) & (rows["ratio"] == rows["ratio"].max())]
    parts = []
    for up, arm in rows.groupby("ascent"):
        by_step = arm.groupby("step")[["risk", "lean"]].mean()
        for panel, column in zip(PANELS, ("risk", "lean")):
            parts.append(tidy.series(f"{up:.0f} steps up", by_step[column], panel=panel))
    end = rows[rows["step"] == rows["step"].max()]
    plain = end[end["ascent"] == 0].set_index("replicate")["risk"]
    gains = end.assign(gain=end["risk"] - end["replicate"].map(plain), curve="all")
    return tidy.table([*parts, tidy.means(gains, "curve", "gain", "ascent", panel=PANELS[2])])


def draw(estimates: pd.DataFrame) -> Figure:
    """Return three panels: loss, weight on the shortcut, and the loss at the end."""
    figure, [[left, middle, right]] = panels.grid(3.2, 1, 3)
    loss, weight, end = (panels.of(estimates, panel) for panel in PANELS)
    names = list(loss["curve"].unique())
    looks = {name: style.ladder(k, len(names)) | style.dashes(k) | {"marker": ""} for k, name in enumerate(names)}
    for ax, part in ((left, loss), (middle, weight)):
        panels.curves(ax, part, look=looks.__getitem__)
    middle.axhline(0, **style.BOUND)
    left.set(xlabel="step", ylabel="log loss on real rows", title="loss on the way")
    middle.set(xlabel="step", ylabel="weight on the format", title="the shortcut goes")
    panels.curve(right, end.assign(x=range(len(end))), "", style.REFERENCE)
    right.axhline(0, **style.BOUND)
    right.set_xticks(range(len(end)), [f"{up:.0f}" for up in end["x"]])
    right.set(xlabel="steps up", ylabel="loss − loss of plain training", title="loss at the end")
    panels.headline(figure, "Unlearning a shortcut: a few steps uphill on synthetic rows help, more of them harm")
    panels.legend_below(figure, left, 5)
    return figure
