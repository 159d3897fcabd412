"""Two tables, generators from like to unlike: what training on each costs each model."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style
from figures.panels import gap_ladder
from figures.rows import largest, matching

TITLES = {"adult": "Adult: error rate", "california": "California: squared error"}

CAPTION = (
    "Signed gap of each model after training on the rows of each generator instead of real rows, with joint 95% intervals over "
    "test rows, training rows and refits; 0 is no loss. Generators from like to unlike: the numbers are the areas under the "
    "ROC curve of a classifier that tells their features from real ones. House values in 100,000 dollars; the scale is "
    "linear up to 0.1 and logarithmic beyond."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `tabular`, for the largest training tables drawn."""
    rows = matching(largest(rows), {"generator": {"not": "cyclic_flips"}})
    parts = {d: rows[rows["dataset"] == d] for d in TITLES if (rows["dataset"] == d).any()}
    figure = Figure(figsize=(style.WIDTH, 4.6))
    axes = figure.subplots(1, len(parts), squeeze=False)[0]
    for ax, (dataset, part) in zip(axes, parts.items()):
        gap_ladder(ax, part)
        ax.set_title(TITLES[dataset])
        if dataset == "california":
            ax.set_xscale("symlog", linthresh=0.1)
    panels.legend_below(figure, axes[0], columns=6)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION
