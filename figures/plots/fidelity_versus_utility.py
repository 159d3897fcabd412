"""How well features can be told apart against what training on them costs: one panel for each data set."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style, tidy
from figures.rows import without_options

TITLES = {
    "mnist": "MNIST, ten classes",
    "mnist_pair": "MNIST, 4 and 9",
    "adult": "Adult",
    "california": "California housing",
}

caption = panels.caption(
    "Each point is a generator and a model: the area under the ROC curve of a classifier that tells synthetic features from "
    "real test rows, and the signed gap of the model's risk (error rate; squared error on California), with joint 95% "
    "intervals. Lines join the points of one generator trained for longer and longer. Points at the right that lie near 0: "
    "features unlike the real ones that serve as well. Wrong labels leave features as they are: their points lie at 1/2."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the gaps of every generator and model against the area, for the largest training tables."""
    return tidy.table([tidy.gaps(rows, 0.95)])


def draw(estimates: pd.DataFrame) -> Figure:
    """Return one panel for each data set."""
    shown = [d for d in TITLES if (estimates["panel"] == d).any()]
    lines = -(-len(shown) // 2)
    figure, axes = panels.grid(2.55 * lines + 0.5, lines, min(2, len(shown)))
    for ax, dataset in zip(axes.ravel(), shown):
        for model, own in panels.of(estimates, dataset).groupby("curve"):
            look = style.look(str(model)) | {"linestyle": "none", "label": str(model).replace("_", " ")}
            ax.errorbar(own["x"], own["value"], panels.reach(own), markersize=3.2, elinewidth=0.6, **look)
            trained = own[own["training_length"].notna()].sort_values("training_length")
            for _, ladder in trained.groupby(without_options(trained["label"])):
                ax.plot(ladder["x"], ladder["value"], color=look["color"], linewidth=0.6)
        ax.axhline(0, color="0.3", linewidth=0.8)
        ax.set(xlim=(0.45, 1.02), xlabel="area under the curve, features", ylabel="signed gap", title=TITLES[dataset])
        if dataset == "california":
            ax.set_yscale("symlog", linthresh=0.1)
    for ax in axes.ravel()[len(shown) :]:
        ax.set_visible(False)
    handles = {label: h for ax in axes.ravel() for h, label in zip(*ax.get_legend_handles_labels())}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=5)
    return figure
