"""Divergence of the posterior predictive law against the number of synthetic rows: down, a turning point, up to a floor."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style

UPDATES = ((0, "standard", "leaking"), (1, "down-weighted", "knn"), (2, "β-divergence", "quadratic"))
CAPTION = (
    "KL from the real law to the posterior predictive one, with 95% intervals, against the number m of synthetic "
    "rows added to n real ones; λ is the scale of the Laplace noise in synthetic rows. Dotted: the floor where a "
    "normal fit must end; dashed: the predicted turning point m = n/(2Fn − 1), where there is one. With much "
    "noise and many real rows, synthetic rows only harm; with little of either, they only help. Robust updates "
    "turn later; the β-divergence alone ends below the floor."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `bayes`."""
    sizes, scales = sorted(rows["n"].unique()), sorted(rows["scale"].unique())
    sizes = [sizes[0], sizes[-1]] if len(sizes) < 3 else [sizes[0], 300 if 300 in sizes else sizes[-1]]
    figure = Figure(figsize=(style.WIDTH, 4.6))
    axes = figure.subplots(len(sizes), len(scales), sharex=True, squeeze=False)
    for line, n in zip(axes, sizes):
        for ax, scale in zip(line, scales):
            _panel(ax, rows[(rows["n"] == n) & (rows["scale"] == scale)])
            ax.set_title(f"n = {n} real rows, λ = {scale:g}")
        line[0].set_ylabel("KL(real ‖ predictive)")
    for ax in axes[-1]:
        ax.set_xlabel("synthetic rows m")
    panels.legend_below(figure, axes[0, 0], 4)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION


def _panel(ax: Axes, rows: pd.DataFrame) -> None:
    for update, text, slot in UPDATES:
        table = rows[rows["update"] == update].pivot(index="added", columns="replicate", values="kl")
        panels.mean_curve(ax, np.maximum(table.index.to_numpy(dtype=float), 2), table.to_numpy(), text, style.look(slot))
    ax.axhline(rows["floor"].iloc[0], label="floor F", **style.PREDICTION)
    turn = rows["turn"].iloc[0]
    if turn < rows["added"].max():
        ax.axvline(turn, **style.BOUND)
    ax.set_xscale("log", base=2)
    ax.set_xticks([2, 32, 512, 8192], ["0", "32", "512", "8,192"])
    ax.set_ylim(0, None)
