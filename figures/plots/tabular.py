"""Two tables, generators from like to unlike: what training on each costs each model."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, tidy
from figures.rows import largest, matching

TITLES = {"adult": "Adult: error rate", "california": "California: squared error"}

caption = panels.caption(
    "Signed gap of each model after training on the rows of each generator instead of real rows, with joint 95% intervals "
    "over test rows, training rows and refits; 0 is no loss. Generators from like to unlike: the numbers are the areas under "
    "the ROC curve of a classifier that tells their features from real ones. House values in 100,000 dollars; the scale is "
    "linear up to 0.1 and logarithmic beyond."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the gaps of every generator and model, for the largest training tables drawn."""
    rows = matching(largest(rows), {"generator": {"not": "cyclic_flips"}})
    return tidy.table(tidy.gaps(rows[rows["dataset"] == dataset], 0.95) for dataset in TITLES)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return a panel for each data set."""
    parts = list(estimates.groupby("panel", sort=False))
    figure, [axes] = panels.grid(4.6, 1, len(parts))
    for ax, (dataset, part) in zip(axes, parts):
        panels.gap_ladder(ax, part)
        ax.set_title(TITLES[str(dataset)])
        if dataset == "california":
            ax.set_xscale("symlog", linthresh=0.1)
    panels.legend_below(figure, axes[0], columns=6)
    return figure
