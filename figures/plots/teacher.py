"""Real features with a known regression function: utility against sample size, and what the bound is made of."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style, tidy

TITLES = {
    ("california", "mlp"): "California: networks",
    ("california", "knn"): "California: neighbours",
    ("mnist_pair", "mlp"): "MNIST 4 and 9: networks",
}
UNCOVERED = {"covers_one_quarter": "-", "covers_one_tenth": "--", "covers_one_percent": ":"}
"""The controls, with the style of their lines."""

INGREDIENTS = {
    "utility": ("U", "o", "black"),
    "excess_real": ("excess risk after real training", "s", "#0173b2"),
    "e_r": ("e_r², error of the responses", "D", "#de8f05"),
    "e_s": ("e_s², error in the synthetic world", "^", "#029e73"),
    "bound": ("bound of U", "|", "#d55e00"),
}
ESTIMATED = "*"
"""Behind a generator's name: its bound rests on an estimated ratio."""
REAL = "excess risk after real training"

caption = panels.caption(
    "Above: mean U on independent real test samples against n = m, with 95% intervals; features of real rows, "
    "responses by a known network plus noise. Black, dotted: excess risk after real training, whose rate U is held "
    "against. Grey crosses: the controls, whose synthetic features leave three quarters (solid), nine tenths (dashed) "
    "and 99 of 100 (dotted) of the real rows out. Below: the parts of the bound at the largest n, means over "
    "replicates. Under laws on the real rows (tilted, covers) all of it is exact; for fitted generators (*) the bound "
    "rests on an estimated ratio and is no certificate."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean utilities by n for each data set, learner and generator, and the bound's parts at the largest n."""
    parts = []
    for (dataset, learner), own in rows.groupby(["dataset", "learner"], observed=True, sort=False):
        told = {"dataset": str(dataset), "learner": str(learner)}
        parts.append(tidy.means(own, "generator", "utility_test", panel="utility", **told))
        parts.append(tidy.series(REAL, own.groupby("n")["excess_real"].mean(), panel="real", **told))
        for generator, part in own[own["n"] == own["n"].max()].groupby("generator", observed=True, sort=False):
            squares = part.assign(e_r=part["e_r"] ** 2, e_s=part["e_s"] ** 2)
            squares["bound"] = part["bound_two_sided"].fillna(part["bound_estimated"])
            label = str(generator) + (ESTIMATED if part["bound_estimated"].notna().any() else "")
            parts += [
                tidy.values(name, [np.nan], [squares[name].mean()], panel="bound", label=label, **told)
                for name in INGREDIENTS
            ]
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return two rows of panels: utility, and the bound's parts, one column for each data set and learner."""
    parts = [part for _, part in estimates.groupby(["dataset", "learner"], sort=False)]
    figure, axes = panels.grid(5.4, 2, len(parts), sharey="row")
    look, generators = _looks(estimates), list(panels.of(estimates, "bound")["label"].unique())
    for (above, below), part in zip(axes.T, parts):
        panels.curves(above, panels.of(part, "utility"), "", look)
        panels.curves(above, panels.of(part, "real"), "", lambda _: style.PREDICTION)
        panels.log_sizes(above, panels.of(part, "utility")["x"])
        panels.log_values(above, "", title=TITLES.get(tuple(part.iloc[0][["dataset", "learner"]]), ""))
        _ingredients(below, panels.of(part, "bound"), generators)
        for text, generator in zip(below.get_yticklabels(), generators):
            text.set_color(look(generator.rstrip(ESTIMATED))["color"])
    axes[0, 0].set_ylabel("mean U on test")
    panels.legend_below(figure, axes[1, 0], columns=3)
    return figure


def _looks(estimates: pd.DataFrame) -> Callable[[str], style.Look]:
    names = panels.of(estimates, "utility")["curve"]
    rungs = style.rungs(names[~names.map(style.base).isin(UNCOVERED)])
    return lambda name: style.CONTROL | {"linestyle": UNCOVERED[name]} if name in UNCOVERED else rungs(name)


def _ingredients(ax: Axes, part: pd.DataFrame, generators: list[str]) -> None:
    """One line for each generator: squares and the bound, on a logarithmic axis."""
    for name, (label, marker, colour) in INGREDIENTS.items():
        own = part[part["curve"] == name]
        size, edge = (11, 2.2) if marker == "|" else (4.5, 1.0)
        look = {"color": colour, "marker": marker, "linestyle": "none", "markersize": size, "markeredgewidth": edge}
        panels.curve(ax, own.assign(x=own["value"], value=own["label"].map(generators.index)), label, look)
    ax.set_yticks(range(len(generators)), [name.replace("_", " ") for name in generators])
    ax.set(ylim=(len(generators) - 0.5, -0.5), xscale="log", xlabel="squared error, largest n")
