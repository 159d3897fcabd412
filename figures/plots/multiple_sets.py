"""Error against 1/K: straight lines, known from their first two points; coverage of intervals from one and across sets."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import clopper_pearson
from figures import panels, style, tidy
from figures.rows import largest

caption = panels.caption(
    "Left, middle: error of the average over K synthetic tables against 1/K, as a multiple of the error after training on "
    "the real table; points with 95% intervals over splits and generators, dotted lines predicted from K = 1 and 2 on other "
    "tables. The distance to 1 at K = ∞ (left edge) is what averaging cannot mend: features and responses; it may even be "
    "negative where averaging steadies a model that real data leave unstable. Right: how often 95% intervals for a real risk "
    "hold it, from one generator's rows (grey, dotted: predicted) and across 10 generators."
)
NAMES = {"nearest": "one neighbour", "nearest_5": "5 neighbours"}
COVERAGE = {"one": ("1 table", style.CONTROL["color"]), "across": ("10 tables", style.KEPT["color"])}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return relative errors by 1/K with the predicted ones (also at K = ∞), and the coverage of both intervals."""
    tables = largest(rows[rows["error"].notna()])
    parts: list[pd.DataFrame] = []
    for (dataset, model), part in tables.groupby(["dataset", "model"], observed=True, sort=False):
        real = part["error_real"].mean()
        part = part.assign(share=1 / part["sets"], relative=part["error"] / real)
        predicted = part.groupby("share")["predicted"].mean() / real
        at_infinity = np.polyval(np.polyfit(predicted.index, predicted, 1), 0)
        found = tidy.means(part, "model", "relative", "share", panel=dataset)
        parts.append(found.assign(predicted=found["x"].map(predicted)))
        parts.append(tidy.values(model, [0], [np.nan], panel=dataset, predicted=at_infinity))
    tests = rows[rows["covers_one"].notna()]
    for name in COVERAGE:
        share = clopper_pearson(int(tests[f"covers_{name}"].sum()), len(tests))
        predicted = tests["predicted_one"].iloc[0] if name == "one" else np.nan
        parts.append(tidy.points(name, [np.nan], [share], panel="coverage", predicted=predicted))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return a panel for each data set, and one of coverage."""
    *names, _ = parts = dict(list(estimates.groupby("panel", sort=False)))
    figure, [[*axes, last]] = panels.grid(3.6, 1, len(parts), width_ratios=[1] * len(names) + [0.7])
    for ax, name in zip(axes, names):
        for model, own in parts[name].groupby("curve"):
            look = style.look("nearest_few" if model == "nearest_5" else str(model)) | {"linestyle": "none"}
            panels.curve(ax, own, NAMES.get(str(model), str(model)), look)
            ends = own.sort_values("x").iloc[[0, -1]]
            ax.plot(ends["x"], ends["predicted"], **style.PREDICTION)
        ax.axhline(1, **style.BOUND)
        ax.set_xticks([1, 0.5, 0.25, 0.125, 0], ["1", "1/2", "1/4", "", "0"])
        ax.set(xlim=(-0.03, 1.05), xlabel="1/K", title=name.replace("_", " "))
    axes[0].set_ylabel("error / error after real training")
    _coverage(last, parts["coverage"])
    panels.headline(figure, "Averaging models over K synthetic tables lowers the error along a predicted line")
    panels.legend_below(figure, axes[0], 4)
    return figure


def _coverage(ax: Axes, part: pd.DataFrame) -> None:
    """A bar for each kind of interval, with its number; dashed: the level, dotted: what is predicted."""
    for place, bar in enumerate(part.itertuples()):
        ax.bar([place], [bar.value], color=COVERAGE[bar.curve][1], width=0.55)
        ax.errorbar([place], [bar.value], yerr=[[bar.value - bar.low], [bar.high - bar.value]], color="black", capsize=3)
        ax.annotate(f"{bar.value:.2f}", (place, bar.value), (0, 5), textcoords="offset points", ha="center", fontsize=8)
        ax.plot([place - 0.35, place + 0.35], [bar.predicted] * 2, **style.PREDICTION)
    ax.axhline(0.95, **style.BOUND)
    ax.set_xticks(range(len(part)), [COVERAGE[name][0] for name in part["curve"]], fontsize=8)
    ax.set(ylim=(0, 1.08), yticks=np.arange(0, 1.01, 0.25), title="coverage at 0.95")
