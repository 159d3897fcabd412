"""Two tables: what training on each generator's rows costs each model, and what their certificates are worth."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, tidy
from figures.rows import largest, matching

TITLES = {"adult": "Adult", "california": "California"}

caption = panels.caption(
    "Left, middle: share of its advantage over the constant guess, in percent, that each model loses when trained on the rows "
    "of a generator instead of real ones; from what costs least. Pale numbers: the joint 95% interval, over test rows, "
    "training rows and refits, holds 0; a dash: no significant advantage. Right: pairs of models that held-out synthetic rows "
    "put in order (their number in brackets), and the share of them that real rows put in the opposite order after real "
    "training; intervals count pairs that real rows leave open as right, and as wrong. Crosses: each model with the losses of "
    "another one. Dotted: one in ten."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the lost shares of every generator and model, and the certificates, for the largest training tables drawn."""
    rows = matching(largest(rows), {"generator": {"not": "cyclic_flips"}})
    shares = [tidy.lost_shares(rows[rows["dataset"] == dataset], 0.95) for dataset in TITLES]
    return tidy.table([*shares, tidy.certificates(rows, 0.95, 0.95)])


def draw(estimates: pd.DataFrame) -> Figure:
    """Return a panel for each data set, and one of certificates."""
    shown = [d for d in TITLES if (estimates["panel"] == d).any()]
    figure, [axes] = panels.grid(4.8, 1, len(shown) + 1, width_ratios=[1] * len(shown) + [0.9])
    for ax, dataset in zip(axes, shown):
        panels.lost_shares(ax, panels.of(estimates, dataset))
        ax.set_title(f"{TITLES[dataset]}, % lost")
    panels.certificates(axes[-1], panels.of(estimates, "pairs"), 0.1)
    axes[-1].set_title("certified pairs")
    return figure
