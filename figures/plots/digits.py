"""Risk after real and after synthetic training, model by model: utility is the distance, ranking the crossing of lines."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import Interval, simultaneous_level
from experiments.estimators.rankings import pairwise
from figures import panels, style
from figures.rows import all_gaps, sources

CAPTION = (
    "Left: error rate on real test images after training on real and on synthetic images; lines that cross change the "
    "ranking of models. Middle: the signed gap of each model with its joint 99.9% interval over test rows, training rows "
    "and refits; U is its absolute value. Right: differences of risk of each pair of models after real (black) and "
    "synthetic training; on opposite sides of 0 the pair is flipped. Crosses: the control, whose labels are wrong in 40%."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `digits`, for the largest training table drawn."""
    rows = rows[rows["n"] == rows["n"].max()]
    figure = Figure(figsize=(style.WIDTH, 3.6))
    left, middle, right = figure.subplots(1, 3, width_ratios=[1, 1, 1.2])
    _risks(left, rows)
    _gaps(middle, rows)
    _pairs(right, rows)
    panels.legend_below(figure, right)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION


def _look(source: str) -> style.Look:
    return style.look(source, control="flips" in source)


def _risks(ax: Axes, rows: pd.DataFrame) -> None:
    """One line per model from its real to its synthetic risk, for every source."""
    real, synthetic = sources(rows)
    names = list(synthetic)
    for k, model in enumerate(real.models):
        risks = [real.full[k].mean(), *(synthetic[s].full[k].mean() for s in names)]
        look = style.look(model)
        ax.plot(range(len(risks)), risks, **look)
        panels.at_end(ax, len(risks) - 1, risks[-1], model, look["color"])
    ax.set_xticks(range(len(names) + 1), ["real", *names], rotation=20, ha="right", fontsize=7)
    ax.set_xlim(-0.2, len(names) + 1.1)
    ax.set_ylabel("error rate on real test images")
    ax.set_title("risk by source")


def _gaps(ax: Axes, rows: pd.DataFrame) -> None:
    gaps = all_gaps(rows, 0.999)
    _intervals(ax, {k: (v, k.rsplit(", ", 1)[0]) for k, v in gaps.items()}, [k.rsplit(", ", 1)[1] for k in gaps])
    ax.set_xlabel("signed gap")
    ax.set_title("utility")


def _pairs(ax: Axes, rows: pd.DataFrame) -> None:
    real, synthetic = sources(rows)
    tables = {"real": real, **synthetic}
    pairs = len(real.models) * (len(real.models) - 1) // 2
    level = simultaneous_level(pairs * len(tables), 0.999)
    shown, labels = {}, []
    differences = {s: pairwise(t.full, t.halves, level) for s, t in tables.items()}
    for (i, j), truth in differences["real"].items():
        sign, better, worse = (1.0, i, j) if truth.value <= 0 else (-1.0, j, i)
        name = f"{real.models[worse]}\n− {real.models[better]}"
        for source in tables:
            shown[f"{source}, {name}"] = (differences[source][i, j].scaled(-sign), source)
            labels.append(name)
    _intervals(ax, shown, labels)
    ax.set_xlabel("worse minus better on real data")
    ax.set_title("ranking")


def _intervals(ax: Axes, shown: dict[str, tuple[Interval, str]], labels: list[str]) -> None:
    """Horizontal intervals, one group of rows per label, sources side by side within it."""
    groups = list(dict.fromkeys(labels))
    members = list(dict.fromkeys(source for _, source in shown.values()))
    for (interval, source), label in zip(shown.values(), labels):
        y = groups.index(label) + 0.22 * (members.index(source) - (len(members) - 1) / 2)
        error = [[interval.value - interval.low], [interval.high - interval.value]]
        shown_as = source if groups.index(label) == 0 else None
        ax.errorbar([interval.value], [y], xerr=error, linestyle="none", capsize=2, label=shown_as, **_look(source))
    ax.axvline(0, color="0.3", linewidth=0.8)
    ax.set_yticks(range(len(groups)), groups, fontsize=7)
    ax.invert_yaxis()
