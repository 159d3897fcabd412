"""Real features with a known regression function: utility against sample size, and what the bound is made of."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style, tidy

TITLES = {"california": "California housing", "mnist_pair": "MNIST, 4 and 9"}

INGREDIENTS = {
    "utility": ("U", "o", "black"),
    "excess_real": ("excess risk after real training", "s", "#0173b2"),
    "e_r": ("e_r², error of the responses", "D", "#de8f05"),
    "e_s": ("e_s², error in the synthetic world", "^", "#029e73"),
    "bound": ("bound of U", "|", "#d55e00"),
}
ESTIMATED = "*"
"""Behind a generator's name: its bound rests on an estimated ratio."""

caption = panels.caption(
    "Above: mean U on independent real test samples against n = m, with 95% intervals; features of real rows, responses by "
    "a known network plus noise; colours as in the names below, networks solid, nearest neighbours dotted. Crosses: the "
    "control, whose synthetic features leave 99 of 100 real rows out. Below: the parts of the bound at the largest n, means "
    "over replicates. Under laws on the real rows (tilted, covers_one_percent) all of it is exact; for fitted generators "
    "(*) the bound rests on an estimated ratio and is no certificate."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean utilities by n for each generator and learner (`label`), and the bound's parts at the largest n."""
    parts = []
    for dataset in TITLES:
        own = rows[rows["dataset"] == dataset]
        for (_, learner), part in own.groupby(["generator", "learner"], observed=True, sort=False):
            parts.append(tidy.means(part, "generator", "utility_test", panel="utility", label=learner, dataset=dataset))
        for generator, part in own[own["n"] == own["n"].max()].groupby("generator", observed=True, sort=False):
            squares = part.assign(e_r=part["e_r"] ** 2, e_s=part["e_s"] ** 2)
            squares["bound"] = part["bound_two_sided"].fillna(part["bound_estimated"])
            label = str(generator) + (ESTIMATED if part["bound_estimated"].notna().any() else "")
            parts += [
                tidy.values(name, [np.nan], [squares[name].mean()], panel="bound", label=label, dataset=dataset)
                for name in INGREDIENTS
            ]
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return two rows of panels: utility, and the bound's parts, one column for each data set."""
    parts = list(estimates.groupby("dataset", sort=False))
    figure, axes = panels.grid(5.4, 2, len(parts))
    for (above, below), (dataset, part) in zip(axes.T, parts):
        for learner, own in panels.of(part, "utility").groupby("label", sort=False):
            extra = {"linestyle": ":", "markerfacecolor": "white"} if learner == "knn" else {}
            panels.curves(above, own, look=_look, **extra)
        panels.log_sizes(above, panels.of(part, "utility")["x"])
        panels.log_values(above, "mean U on test", title=TITLES[str(dataset)])
        _ingredients(below, panels.of(part, "bound"))
    panels.legend_below(figure, axes[1, 0], columns=3)
    return figure


def _look(generator: str) -> style.Look:
    return style.look(generator, control=generator == "covers_one_percent")


def _ingredients(ax: Axes, part: pd.DataFrame) -> None:
    """One line for each generator: squares and the bound, on a logarithmic axis."""
    generators = list(part["label"].unique())
    for name, (label, marker, colour) in INGREDIENTS.items():
        own = part[part["curve"] == name]
        size, edge = (11, 2.2) if marker == "|" else (4.5, 1.0)
        y, look = own["label"].map(generators.index), {"color": colour, "marker": marker, "linestyle": "none"}
        panels.curve(ax, own.assign(x=own["value"], value=y), label, look | {"markersize": size, "markeredgewidth": edge})
    ax.set_yticks(range(len(generators)), [name.replace("_", " ") for name in generators])
    for text, generator in zip(ax.get_yticklabels(), generators):
        text.set_color(_look(generator.rstrip(ESTIMATED))["color"])
    ax.set(ylim=(len(generators) - 0.5, -0.5), xscale="log", xlabel="squared error, at the largest n")
