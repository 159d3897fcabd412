"""The signed gap of every model at every source, sources from most to least like the real rows: `ax` in, nothing out."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from figures import style
from figures.points import points


def gap_ladder(ax: Axes, rows: pd.DataFrame, level: float = 0.95) -> None:
    """Draw one line of intervals for each source of one data set, models side by side; 0 is no loss."""
    found = points(rows, level)
    areas = {p.source: p.auc.value for p in found}
    order = sorted(areas, key=lambda s: areas[s])
    models = sorted({p.model for p in found})
    short = names(models)
    for p in found:
        y = order.index(p.source) + 0.7 * ((models.index(p.model) + 0.5) / len(models) - 0.5)
        error = [[p.gap.value - p.gap.low], [p.gap.high - p.gap.value]]
        label = short[p.model].replace("_", " ") if p.source == order[0] else None
        look = style.look(short[p.model])
        ax.errorbar([p.gap.value], [y], xerr=error, linestyle="none", markersize=3, label=label, **look)
    ax.axvline(0, color="0.3", linewidth=0.8)
    ax.set_yticks(range(len(order)), [f"{s.replace('_', ' ')}  {areas[s]:.2f}" for s in order])
    ax.set_ylim(len(order) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
    for edge in range(1, len(order)):
        ax.axhline(edge - 0.5, color="0.85", linewidth=0.5)
    ax.set_xlabel("signed gap")


def names(models: Sequence[str]) -> dict[str, str]:
    """Return what each model is called: without its options, where only one of the kind is there."""
    kinds = Counter(model.partition("(")[0] for model in models)
    return {m: m.partition("(")[0] if kinds[m.partition("(")[0]] == 1 else m for m in models}
