"""Risk after real and after synthetic training, model by model: lines that cross change the ranking."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.rankings import pairwise
from figures import generators, panels, style, tidy
from figures.rows import sources

caption = panels.caption(
    "Left: error rate on real test images after training on real images and on samples of a normal law for each class. "
    "Middle: the same with four labels in ten of the samples replaced. Lines that cross change the ranking of models. "
    "Right: difference of risk of each pair of models, worse minus better as real training estimates it, with joint 99.9% "
    "intervals over test rows, training rows and refits; in the shaded part the pair is in the opposite order. Naive "
    "Bayes loses nothing on the left, as it must: these samples keep all that it uses."
)
NAMES = {"class_gaussian": "normal images", "gaussian_flips": "with wrong labels"}
TITLES = {"class_gaussian": "normal images: order kept", "gaussian_flips": "wrong labels: order lost"}
LOOKS = {"real": style.REFERENCE, "class_gaussian": style.KEPT, "gaussian_flips": style.CONTROL}


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
    figure, [axes] = panels.grid(3.6, 1, len(found) + 1, width_ratios=[1] * len(found) + [1.3])
    for ax, source in zip(axes, found):
        ax.set(title=TITLES[source], ylim=(0, 1.08 * risks["value"].max()), xlim=(-0.1, 1.1))
        _risks(ax, risks, source)
    axes[0].set_ylabel("error rate on real test images")
    _intervals(axes[-1], panels.of(estimates, "difference"))
    axes[-1].set(xlabel="worse − better on real data", title="shaded: opposite order")
    panels.headline(figure, "Normal images of each digit rank models as real ones do; wrong labels do not")
    panels.legend_below(figure, axes[-1])
    return figure


def _words(model: str) -> str:
    """A model in words; `nearest` has k = 1 here."""
    return generators.words("nearest_one" if model == "nearest" else model)


def _risks(ax: Axes, part: pd.DataFrame, source: str) -> None:
    """One line for each model from its risk after real training to that at a source."""
    wide = part.pivot_table(index="label", columns="curve", values="value")[["real", source]]
    looks = {model: style.look(str(model)) for model in wide.index}
    for model, own in wide.iterrows():
        ax.plot([0, 1], own, **looks[model])
    panels.name_ends(ax, [(y, _words(str(m)), looks[m]["color"]) for m, y in wide[source].items()], 0.065)
    ax.set_xticks([0, 1], ["real", "synthetic"], fontsize=8)


def _intervals(ax: Axes, part: pd.DataFrame) -> None:
    """Horizontal intervals, one group for each label, sources side by side within it."""
    groups, members = list(part["label"].unique()), list(part["curve"].unique())
    for source, own in part.groupby("curve", sort=False):
        y = own["label"].map(groups.index) + 0.22 * (members.index(source) - (len(members) - 1) / 2)
        name = NAMES.get(str(source), str(source))
        ax.errorbar(own["value"], y, xerr=panels.reach(own), linestyle="none", capsize=2, label=name, **LOOKS[str(source)])
    left, right = ax.get_xlim()
    ax.axvspan(left, 0, **style.FORBIDDEN)
    ax.set_yticks(range(len(groups)), ["\n− ".join(map(_words, name.split(" − "))) for name in groups])
    ax.set(xlim=(left, right), ylim=(len(groups) - 0.5, -0.5))
