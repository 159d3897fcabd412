"""Real features with a known regression function: utility against sample size, and what the bound is made of."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style
from figures.rows import by_n

TITLES = {"california": "California housing", "mnist_pair": "MNIST, 4 and 9"}

INGREDIENTS = {
    "utility": ("U", "o", "black"),
    "excess_real": ("excess risk after real training", "s", "#0173b2"),
    "e_r": ("e_r², error of the responses", "D", "#de8f05"),
    "e_s": ("e_s², error in the synthetic world", "^", "#029e73"),
    "bound": ("bound of U", "|", "#d55e00"),
}

CAPTION = (
    "Above: mean U on independent real test samples against n = m, with 95% intervals; features of real rows, "
    "responses by a known network plus noise; colours as in the names below, networks solid, nearest neighbours dotted. "
    "Crosses: the control, whose synthetic features leave 99 of 100 real rows out. Below: the parts of the "
    "bound at the largest n, means over replicates. Under laws on the real rows (tilted, covers_one_percent) all of it is "
    "exact; for fitted generators (*) the bound rests on an estimated ratio and is no certificate."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return two rows of panels: utility, and the bound's parts, one column for each data set."""
    parts = {d: rows[rows["dataset"] == d] for d in TITLES if (rows["dataset"] == d).any()}
    figure = Figure(figsize=(style.WIDTH, 5.4))
    axes = figure.subplots(2, len(parts), squeeze=False, height_ratios=[1, 1])
    for column, (dataset, part) in zip(axes.T, parts.items()):
        _curves(column[0], part)
        _ingredients(column[1], part[part["n"] == part["n"].max()])
        column[0].set_title(TITLES[dataset])
    panels.legend_below(figure, axes[1, 0], columns=3)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION


def _look(generator: str) -> style.Look:
    return style.look(generator, control=generator == "covers_one_percent")


def _curves(ax: Axes, rows: pd.DataFrame) -> None:
    """One curve for each generator and learner; nearest neighbours dotted and hollow."""
    for (generator, learner), part in rows.groupby(["generator", "learner"], observed=True, sort=False):
        look = _look(generator) | ({"linestyle": ":", "markerfacecolor": "white"} if learner == "knn" else {})
        for sizes, samples in by_n(part, ["generator"], "utility_test").values():
            panels.mean_curve(ax, sizes, samples, generator, look)
    panels.log_sizes(ax, np.sort(rows["n"].unique()))
    panels.log_values(ax, "mean U on test")


def _ingredients(ax: Axes, rows: pd.DataFrame) -> None:
    """One line for each generator: squares and the bound, on a logarithmic axis."""
    sources = list(rows.groupby("generator", observed=True, sort=False))
    for y, (_, part) in enumerate(sources):
        values = {"utility": part["utility"], "excess_real": part["excess_real"], "bound": part["bound_two_sided"]}
        values |= {name: part[name] ** 2 for name in ("e_r", "e_s")}
        values["bound"] = values["bound"].fillna(part["bound_estimated"])
        for name, (label, marker, colour) in INGREDIENTS.items():
            size, edge = (11, 2.2) if marker == "|" else (4.5, 1.0)
            shown = label if y == 0 else None
            mean = values[name].mean()
            ax.plot(mean, y, marker, color=colour, linestyle="none", label=shown, markersize=size, markeredgewidth=edge)
    names = [str(n).replace("_", " ") + ("*" if part["bound_estimated"].notna().any() else "") for n, part in sources]
    ax.set_yticks(range(len(names)), names)
    for text, (generator, _) in zip(ax.get_yticklabels(), sources):
        text.set_color(_look(generator)["color"])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xscale("log")
    ax.set_xlabel("squared error, at the largest n")
