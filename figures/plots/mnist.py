"""Wrong labels spoil utility before they spoil the order of models; generators from like to unlike."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style
from figures.panels import gap_ladder, names
from figures.rows import gaps, largest, matching, sources

CAPTION = (
    "Above: error rate on real test images after training on real images of which a share has a wrong label, drawn at random "
    "among the other classes; lines that cross change the ranking of models, their rise is U (bars: 95% interval of the gap "
    "to right labels). Models that repeat single labels lose their place, with two digits sooner than with ten classes. "
    "Below: signed gap of each model at each generator of ten classes, with joint 95% intervals over test rows, training "
    "rows and refits. Numbers: area under the ROC curve of a classifier that tells its images from real ones."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `mnist`, for the largest training tables drawn."""
    rows = largest(rows)
    titles = {"mnist": "ten classes", "mnist_pair": "two digits (4 and 9)"}
    parts = {d: rows[rows["dataset"] == d] for d in titles if (rows["dataset"] == d).any()}
    figure = Figure(figsize=(style.WIDTH, 6.4))
    grid = figure.add_gridspec(2, len(parts), height_ratios=[1, 1.25])
    for k, (dataset, part) in enumerate(parts.items()):
        ax = figure.add_subplot(grid[0, k])
        _flips(ax, part)
        ax.set_title(titles[dataset])
    below = figure.add_subplot(grid[1, :])
    gap_ladder(
        below, matching(next(iter(parts.values())), {"generator": {"not": ["flipped", "cyclic_flips", "unconditional"]}})
    )
    below.set_title("generators, from like to unlike")
    panels.legend_below(figure, below, columns=5)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION


def _flips(ax: Axes, rows: pd.DataFrame) -> None:
    """Risk of every model against the rate of wrong labels."""
    real, synthetic = sources(matching(rows, {"generator": ["real", "flipped"]}))
    rates = {0.0: real} | {float(s.split("rate=")[1].rstrip(")")): own for s, own in synthetic.items()}
    rises = [gaps(real, own, 0.95) for own in synthetic.values()]
    for k, model in enumerate(real.models):
        risks = [own.full[k].mean() for own in rates.values()]
        reach = [0.0, *(found[k].half_width for found in rises)]
        shift = 0.003 * (k - len(real.models) / 2)
        look = style.look(names(real.models)[model])
        ax.errorbar(np.array(list(rates)) + shift, risks, yerr=reach, capsize=1.5, markersize=3, linewidth=1, **look)
    ax.set_xticks(list(rates))
    ax.set_ylim(0)
    ax.set_xlabel("share of wrong labels ρ")
    ax.set_ylabel("error rate on real test images")
