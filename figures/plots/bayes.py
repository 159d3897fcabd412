"""Divergence of the posterior predictive law against the number of synthetic rows: down, a turning point, up to a floor."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style, tidy

UPDATES = ("standard", "down-weighted", "β-divergence")
LOOKS = dict(zip(UPDATES, map(style.look, ("poly", "knn", "linear"))))
caption = panels.caption(
    "KL from the real law to the posterior predictive one, with 95% intervals, against the number m of synthetic rows added "
    "to n real ones; λ is the scale of the Laplace noise in synthetic rows. Dotted: the floor where a normal fit must end; "
    "dashed: the predicted turning point m = n/(2Fn − 1), where there is one. With much noise and many real rows, synthetic "
    "rows only harm; with little of either, they only help. Robust updates turn later; the β-divergence alone ends below the "
    "floor."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean divergences by synthetic rows, for two n, each scale and update, with predicted floor and turn."""
    sizes = sorted(rows["n"].unique())
    sizes = [sizes[0], sizes[-1] if len(sizes) < 3 or 300 not in sizes else 300]
    parts = []
    for (n, scale, update), own in rows[rows["n"].isin(sizes)].groupby(["n", "scale", "update"]):
        own, turn = own.assign(update=UPDATES[int(update)]), own["turn"].iloc[0]
        told = {"n": n, "scale": scale, "floor": own["floor"].iloc[0], "turn": turn if turn < own["added"].max() else np.nan}
        parts.append(tidy.means(own, "update", "kl", "added", panel=f"n = {n}, λ = {scale:g}", **told))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return a row of panels for each n, a column for each scale of the noise."""
    figure, axes = panels.grid(4.9, estimates["n"].nunique(), estimates["scale"].nunique(), sharex=True)
    for ax, (title, part) in zip(axes.ravel(), estimates.groupby("panel", sort=False)):
        panels.curves(ax, part.assign(x=np.maximum(part["x"], 2)), look=LOOKS.__getitem__)
        ax.axhline(part["floor"].iloc[0], label="predicted floor F", **style.PREDICTION)
        ax.axvline(part["turn"].iloc[0], label="predicted turn", **style.BOUND)
        ax.set_xscale("log", base=2)
        ax.set_xticks([2, 32, 512, 8192], ["0", "32", "512", "8,192"])
        ax.set(ylim=(0, None), title=title)
    for ax in axes[:, 0]:
        ax.set_ylabel("KL(real ‖ predictive)")
    for ax in axes[-1]:
        ax.set_xlabel("synthetic rows m")
    panels.headline(figure, "Noisy synthetic rows help a Bayesian update up to a turn, then lead to a known floor")
    panels.legend_below(figure, axes[0, 0], 5)
    return figure
