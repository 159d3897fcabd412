"""Risk after real and after synthetic training, model by model: lines that cross change the ranking."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.rankings import pairwise
from figures import panels, style, tidy
from figures.rows import sources

caption = panels.caption(
    "Left: error rate on real test images after training on real images and on samples of a normal law for each class. "
    "Middle: the same with four labels in ten of the samples replaced. Lines that cross change the ranking of models. "
    "Right: difference of risk of each pair of models, worse minus better as real training estimates it, with joint 99.9% "
    "intervals over test rows, training rows and refits; beyond the line at 0 the pair is in the opposite order. Naive "
    "Bayes loses nothing on the left, as it must: these samples keep all that it uses."
)
NAMES = {"class_gaussian": "normal images", "gaussian_flips": "with wrong labels"}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return risks by model and source, and differences of each pair of models, at the largest n.

    A curve is a source of training rows, a label a model or a pair of models.
    """
    real, synthetic = sources(rows[rows["n"] == rows["n"].max()])
    tables, models = {"real": real, **synthetic}, real.models
    parts = []
    for source, table in tables.items():
        parts += [tidy.values(source, [np.nan], [own.mean()], panel="risk", label=m) for m, own in zip(models, table.full)]
    level = simultaneous_level(len(models) * (len(models) - 1) // 2 * len(tables), 0.999)
    differences = {s: pairwise(t.full, t.halves, level) for s, t in tables.items()}
    for (i, j), truth in differences["real"].items():
        sign, better, worse = (1.0, i, j) if truth.value <= 0 else (-1.0, j, i)
        for source, own in differences.items():
            label = f"{models[worse]} − {models[better]}"
            parts.append(tidy.points(source, [np.nan], [own[i, j].scaled(-sign)], panel="difference", label=label))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return a panel of risks for each synthetic source, and one of differences of pairs."""
    risks = panels.of(estimates, "risk")
    found = [source for source in NAMES if (risks["curve"] == source).any()]
    figure, [axes] = panels.grid(3.4, 1, len(found) + 1, width_ratios=[1] * len(found) + [1.3])
    for ax, source in zip(axes, found):
        _risks(ax, risks, source)
        ax.set(title=f"risk: {NAMES[source]}", ylim=(0, 1.08 * risks["value"].max()))
    axes[0].set_ylabel("error rate on real test images")
    _intervals(axes[-1], panels.of(estimates, "difference"))
    axes[-1].set(xlabel="difference of risk", title="worse − better on real data")
    panels.legend_below(figure, axes[-1])
    return figure


def _risks(ax: Axes, part: pd.DataFrame, source: str) -> None:
    """One line for each model from its risk after real training to that at a source."""
    wide = part.pivot_table(index="label", columns="curve", values="value")[["real", source]].sort_values(source)
    heights = panels.apart(wide[source].to_numpy(), part["value"].max() / 18)
    for (model, own), height in zip(wide.iterrows(), heights):
        look = style.look(str(model))
        ax.plot([0, 1], own, **look)
        panels.at_end(ax, 1, height, str(model).replace("_", " "), look["color"])
    ax.set_xticks([0, 1], ["real", "synthetic"])
    ax.set_xlim(-0.1, 1.9)


def _intervals(ax: Axes, part: pd.DataFrame) -> None:
    """Horizontal intervals, one group for each label, sources side by side within it."""
    groups, members = list(part["label"].unique()), list(part["curve"].unique())
    for source, own in part.groupby("curve", sort=False):
        y = own["label"].map(groups.index) + 0.22 * (members.index(source) - (len(members) - 1) / 2)
        look = style.look(str(source), control="flips" in str(source))
        label = NAMES.get(str(source), str(source))
        ax.errorbar(own["value"], y, xerr=panels.reach(own), linestyle="none", capsize=2, label=label, **look)
    ax.axvline(0, color="0.3", linewidth=0.8)
    ax.set_yticks(range(len(groups)), [name.replace("_", " ").replace(" − ", "\n− ") for name in groups], fontsize=7)
    ax.invert_yaxis()
