"""Wrong labels spoil utility before they spoil the order of models; generators from like to unlike."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.estimators.intervals import Interval
from figures import panels, style, tidy
from figures.rows import gaps, largest, matching, sources

caption = panels.caption(
    "Above: error rate on real test images after training on real images of which a share has a wrong label, drawn at random "
    "among the other classes; lines that cross change the ranking of models, their rise is U (bars: 95% interval of the gap "
    "to right labels). Models that repeat single labels lose their place, with two digits sooner than with ten classes. "
    "Below: signed gap of each model at each generator of ten classes, with joint 95% intervals over test rows, training "
    "rows and refits. Numbers: area under the ROC curve of a classifier that tells its images from real ones."
)
TITLES = {"mnist": "ten classes", "mnist_pair": "two digits (4 and 9)"}
OTHERS = ["flipped", "cyclic_flips", "unconditional"]


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return error rates by the share of wrong labels, and the gaps of every generator, for the largest training tables."""
    rows = largest(rows)
    parts = {d: rows[rows["dataset"] == d] for d in TITLES if (rows["dataset"] == d).any()}
    found = [own for dataset, part in parts.items() for own in _flips(part, TITLES[dataset])]
    generators = matching(next(iter(parts.values())), {"generator": {"not": OTHERS}})
    return tidy.table([*found, tidy.gaps(generators, 0.95).assign(panel="generators")])


def _flips(rows: pd.DataFrame, panel: str) -> list[pd.DataFrame]:
    """Risk of every model against the rate of wrong labels; intervals are those of the rise."""
    real, synthetic = sources(matching(rows, {"generator": ["real", "flipped"]}))
    rates = [float(tidy.option(s)) for s in synthetic]
    rises = [gaps(real, own, 0.95) for own in synthetic.values()]
    parts = []
    for k, name in enumerate(tidy.names(real.models).values()):
        risks = [(float(own.full[k].mean()), found[k].half_width) for own, found in zip(synthetic.values(), rises)]
        start = float(real.full[k].mean())
        intervals = [Interval(v, v - reach, v + reach, 0.95) for v, reach in [(start, 0.0), *risks]]
        parts.append(tidy.points(name, [0, *rates], intervals, panel=panel))
    return parts


def draw(estimates: pd.DataFrame) -> Figure:
    """Return a panel of wrong labels for each data set, and below them one of generators."""
    titles = [t for t in TITLES.values() if (estimates["panel"] == t).any()]
    figure = Figure(figsize=(style.WIDTH, 6.4))
    grid = figure.add_gridspec(2, len(titles), height_ratios=[1, 1.25])
    for k, title in enumerate(titles):
        ax = figure.add_subplot(grid[0, k])
        part = panels.of(estimates, title)
        names = list(part["curve"].unique())
        shift = 0.003 * (part["curve"].map(names.index) - len(names) / 2)
        panels.curves(ax, part.assign(x=part["x"] + shift), markersize=3, linewidth=1)
        ax.set_xticks(np.unique(part["x"]))
        ax.set(xlabel="share of wrong labels ρ", ylabel="error rate on real test images", ylim=(0, None), title=title)
    below = figure.add_subplot(grid[1, :])
    panels.gap_ladder(below, panels.of(estimates, "generators"))
    below.set_title("generators, from like to unlike")
    panels.legend_below(figure, below, columns=5)
    return figure
