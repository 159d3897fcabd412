"""The order of models under different features: probability of a consistent ranking, and the share that bounds certify."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style
from figures.claims.pairs import certified, joined
from figures.order_panels import by_size

CAPTION = (
    "Top: probability that synthetic data rank the two models as real data do (risks on an independent real test set, "
    "Wilson 95% intervals), for a large, a medium and a small gap between them: the wrong class against nearest "
    "neighbours. At every covered law the order comes right, sooner where the gap is large; at the law that leaves "
    "most features unseen (grey crosses, the control) it does not. With the small gap the order after real training "
    "itself changes as n grows, and synthetic data follow later. Bottom: share of replicates whose ranking is "
    "certified, none of which is inconsistent: solid, by the transfer bound of nearest neighbours against the "
    "approximation error of the class; dashed, certified with probability 1 − (a priori bound)/(approximation error), "
    "before any response is seen."
)
GAPS = (("linear", "large gap"), ("quadratic", "medium gap"), ("cubic", "small gap"))


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `ranking_features`."""
    figure = Figure(figsize=(style.WIDTH, 4.4))
    top, bottom = figure.subplots(2, 3, sharex=True, sharey="row")
    for column, (wrong, name) in enumerate(GAPS):
        pair = joined(rows, wrong, "knn")
        if pair.empty:
            continue
        for law, part in pair.groupby("synthetic_law", observed=True, sort=False):
            look = style.look(str(law), control=bool(part["uncovered_1"].max() > 0))
            label = f"{law}, TV {part['total_variation_1'].iloc[0]:.2f}"
            by_size(top[column], part, label, look)
            _certificates(bottom[column], part, look)
        top[column].set_title(f"{name}: {wrong} / knn\nclass error {pair['class_error_1'].iloc[0]:.3f}")
        panels.log_sizes(bottom[column], np.array(sorted(rows["n"].unique())))
    top[0].set_ylabel("P(consistent ranking)")
    bottom[0].set_ylabel("certified share")
    panels.legend_below(figure, top[0])
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION


def _certificates(ax: Axes, part: pd.DataFrame, look: style.Look) -> None:
    cells = [(int(n), cell) for n, cell in part.groupby("n", sort=True)]
    sizes = [n for n, _ in cells]
    ax.plot(sizes, [certified(cell, "class", "bound_sharp").mean() for _, cell in cells], **look)
    prior = [1 - cell["bound_prior_2"].mean() / cell["class_error_1"].mean() for _, cell in cells]
    known = [(n, p) for n, p in zip(sizes, prior) if p > 0]
    ax.plot([n for n, _ in known], [p for _, p in known], **(look | {"linestyle": "--", "marker": "", "linewidth": 1.0}))
