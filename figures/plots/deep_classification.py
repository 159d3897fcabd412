"""Network classifiers: loss of accuracy against n, and the order of networks after real and after synthetic training."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style
from figures.claims.pairs import joined
from figures.order_panels import by_size
from figures.rows import by_n

CAPTION = (
    "Left: mean U01 of the widest network (95% intervals) against n = m. It falls at every covered law although total "
    "variations (TV) are up to {tv:.2f}; under the same law (black) it falls too; at the law that never sees three quarters of "
    "the first feature (grey crosses, the control) it stays. Dashed: the median knapsack bound, which holds on every "
    "replicate. Middle: excess error rate of each network after real (solid) and after synthetic training ({law}, dashed); "
    "the deep networks overtake the linear one, on synthetic data too. Right: probability that synthetic data ({law}) rank "
    "two networks as real data do (Wilson 95% intervals): the linear one against the widest is settled by large samples; "
    "among those that can represent the probability (grey crosses, the control) there is no gap, and the order is chance."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `deep_classification`."""
    figure = Figure(figsize=(style.WIDTH, 3.9))
    left, middle, right = figure.subplots(1, 3)
    names = list(rows["learner"].unique())
    _utility(left, rows[rows["learner"] == names[-1]])
    _risks(middle, rows[rows["synthetic_law"] == _shown(rows)], names)
    _orders(right, rows, names)
    for ax in (left, middle, right):
        panels.log_sizes(ax, np.sort(rows["n"].unique()))
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.27), fontsize=6.5)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION.format(tv=rows.loc[rows["uncovered"] == 0, "total_variation"].max(), law=_shown(rows))


def _shown(rows: pd.DataFrame) -> str:
    """The first law that covers the real one and differs from it."""
    return str(rows.loc[(rows["uncovered"] == 0) & (rows["total_variation"] > 1e-9), "synthetic_law"].iloc[0])


def _called(name: str) -> str:
    """`mlp(width=8)` becomes `2 x 8 units`."""
    return f"2 × {name.partition('=')[2].rstrip(')')} units" if "=" in name else name.partition("_")[0]


def _utility(ax: Axes, rows: pd.DataFrame) -> None:
    for law, part in rows.groupby("synthetic_law", observed=True, sort=False):
        look = style.look(str(law), control=bool(part["uncovered"].max() > 0))
        for name, (sizes, samples) in by_n(part, ["synthetic_law"], "utility").items():
            panels.mean_curve(ax, sizes, samples, f"{name}, TV {part['total_variation'].iloc[0]:.2f}", look)
        bound = part.groupby("n")["bound_knapsack"].median()
        ax.plot(bound.index, bound, **(style.BOUND | {"color": look["color"], "linewidth": 0.8}))
    panels.log_values(ax, "mean U01")
    ax.set_title(f"{_called(rows['learner'].iloc[0])}: U01 → 0")


def _risks(ax: Axes, rows: pd.DataFrame, names: list[str]) -> None:
    for step, name in enumerate(names):
        look = style.ladder(step, len(names))
        for column, line in (("excess_real", "-"), ("excess_synthetic", "--")):
            for sizes, samples in by_n(rows[rows["learner"] == name], ["learner"], column).values():
                label = _called(name) if line == "-" else ""
                panels.mean_curve(ax, sizes, samples, label, look | {"linestyle": line})
    ax.set_ylim(bottom=0)
    ax.set_ylabel("excess error rate")
    ax.set_title("real and synthetic training")


def _orders(ax: Axes, rows: pd.DataFrame, names: list[str]) -> None:
    """Every network against the widest at one covered law: only the linear one, the first, has a gap."""
    for step, other in enumerate(names[:-1]):
        pair = joined(rows, other, names[-1])
        label = f"{_called(other)} / {_called(names[-1])}"
        beside = pair.assign(n=(pair["n"] * 1.05**step).round())  # so that intervals do not hide each other
        look = style.CONTROL | {"linestyle": ("--", ":")[step % 2]} if step else style.ladder(0, len(names))
        by_size(ax, beside[beside["synthetic_law"] == _shown(rows)], label, look)
    ax.set_ylim(-0.05, 1.05)
    ax.set_ylabel("P(consistent ranking)")
    ax.set_title("a gap keeps the order")
