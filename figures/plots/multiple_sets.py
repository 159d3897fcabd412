"""Error against 1/K: straight lines, known from their first two points; coverage of intervals from one and across sets."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import wilson
from figures import panels, style
from figures.rows import largest

CAPTION = (
    "Left, middle: error of the average over K synthetic tables against 1/K, as a multiple of the error after "
    "training on the real table; points with 95% intervals over splits and generators, dotted lines predicted "
    "from K = 1 and 2 on other tables. The distance to 1 at K = ∞ (left edge) is what averaging cannot mend: "
    "features and responses; it may even be negative where averaging steadies a model that real data leave "
    "unstable. Right: how often 95% intervals for a real risk hold it, from one generator's rows (grey, dotted: "
    "predicted) and across {sets} generators."
)


LOOKS = {"tree": "leaking", "nearest": "nearest", "nearest_5": "forest", "linear": "quadratic"}


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `multiple_sets`."""
    tables = largest(rows[rows["error"].notna()])
    names = list(tables["dataset"].unique())
    figure = Figure(figsize=(style.WIDTH, 3.4))
    axes = figure.subplots(1, len(names) + 1, width_ratios=[1] * len(names) + [0.7])
    for ax, name in zip(axes, names):
        _errors(ax, tables[tables["dataset"] == name])
        ax.set_title(str(name).replace("_", " "))
    axes[0].set_ylabel("error / error after real training")
    _coverage(axes[-1], rows[rows["covers_one"].notna()])
    panels.legend_below(figure, axes[0], 4)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION.format(sets=10)


def _errors(ax: Axes, rows: pd.DataFrame) -> None:
    for model, part in rows.groupby("model", observed=True):
        look = style.look(LOOKS.get(str(model), str(model)))
        real = part["error_real"].mean()
        table = part.pivot(index="sets", columns="replicate", values="error") / real
        x = 1 / table.index.to_numpy(dtype=float)
        panels.mean_curve(ax, x, table.to_numpy(), str(model), look | {"linestyle": "none"})
        predicted = part.groupby("sets")["predicted"].mean() / real
        slope = (predicted.loc[1] - predicted.loc[32]) / (1 - 1 / 32)
        ax.plot([0, 1], [predicted.loc[1] - slope, predicted.loc[1]], **style.PREDICTION)
    ax.axhline(1, **style.BOUND)
    ax.set_xlim(-0.03, 1.05)
    ax.set_xticks([1, 0.5, 0.25, 0.125, 0], ["1", "1/2", "1/4", "", "0"])
    ax.set_xlabel("1/K")


def _coverage(ax: Axes, rows: pd.DataFrame) -> None:
    bars = (("covers_one", "one", dict(style.CONTROL)), ("covers_across", "across", style.look("knn")))
    for place, (column, _, look) in enumerate(bars):
        interval = wilson(int(rows[column].sum()), len(rows))
        ax.bar([place], [interval.value], color=look["color"], width=0.55)
        error = [[interval.value - interval.low], [interval.high - interval.value]]
        ax.errorbar([place], [interval.value], yerr=error, color="0.2", capsize=3)
        at = (place, interval.value)
        ax.annotate(f"{interval.value:.2f}", at, xytext=(0, 5), textcoords="offset points", ha="center", fontsize=7)
    ax.plot([-0.35, 0.35], [rows["predicted_one"].iloc[0]] * 2, **style.PREDICTION)
    ax.axhline(0.95, **style.BOUND)
    ax.set_xticks(range(2), [text for _, text, _ in bars])
    ax.set_ylim(0, 1.08)
    ax.set_yticks(np.arange(0, 1.01, 0.25))
    ax.set_title("coverage, level 0.95")
