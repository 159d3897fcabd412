"""How well features can be told apart against what training on them costs: one panel for each data set."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import style
from figures.claims.fidelity_points import Point, points
from figures.panels import names

TITLES = {
    "mnist": "MNIST, ten classes",
    "mnist_pair": "MNIST, 4 and 9",
    "adult": "Adult",
    "california": "California housing",
}

CAPTION = (
    "Each point is a generator and a model: the area under the ROC curve of a classifier that tells synthetic features "
    "from real test rows, and the signed gap of the model's risk (error rate; squared error on California), with joint 95% "
    "intervals. Lines join the points of one generator trained for longer and longer. Points at the right that lie near 0: "
    "features unlike the real ones that serve as well. Wrong labels leave features as they are: their points lie at 1/2."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return one panel for each data set."""
    found = points(rows, 0.95)
    parts = {d: [p for p in found if p.dataset == d] for d in TITLES}
    parts = {d: part for d, part in parts.items() if part}
    figure = Figure(figsize=(style.WIDTH, 2.55 * -(-len(parts) // 2) + 0.5))
    axes = figure.subplots(-(-len(parts) // 2), min(2, len(parts)), squeeze=False).ravel()
    for ax, (dataset, part) in zip(axes, parts.items()):
        _panel(ax, part)
        ax.set_title(TITLES[dataset])
        if dataset == "california":
            ax.set_yscale("symlog", linthresh=0.1)
    for ax in axes[len(parts) :]:
        ax.set_visible(False)
    handles = {label: h for ax in axes for h, label in zip(*ax.get_legend_handles_labels())}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=5)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION


def _panel(ax: Axes, found: list[Point]) -> None:
    for model, short in names(sorted({p.model for p in found})).items():
        own = [p for p in found if p.model == model]
        look = style.look(short)
        x, y = [p.auc.value for p in own], [p.gap.value for p in own]
        error = [[p.gap.value - p.gap.low for p in own], [p.gap.high - p.gap.value for p in own]]
        ax.errorbar(
            x, y, yerr=error, linestyle="none", markersize=3.2, elinewidth=0.6, label=short.replace("_", " "), **look
        )
        for ladder in sorted({p.ladder for p in own if p.length is not None}):
            rungs = sorted((p for p in own if p.ladder == ladder), key=lambda p: p.length or 0.0)
            ax.plot([p.auc.value for p in rungs], [p.gap.value for p in rungs], color=look["color"], linewidth=0.6)
    ax.axhline(0, color="0.3", linewidth=0.8)
    ax.set_xlabel("area under the curve, features")
    ax.set_ylabel("signed gap")
    ax.set_xlim(0.45, 1.02)
