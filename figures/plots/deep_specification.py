"""Networks too small and large enough, under the same and under different features: only both faults leave a gap."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.slopes import plateau
from figures import panels, style
from figures.rows import by_n

CAPTION = (
    "Mean signed gap R(f̃) − R(f̂) on an independent real test set, 95% intervals. Left: synthetic features as the real ones; no "
    "network loses anything, however small. Right: synthetic features crowd towards a corner; the networks too small for the "
    "task (linear, two units) keep a gap, the wide one does not. Dotted: the predicted Δ∞ of the linear network. Open "
    "diamonds beyond the dashed line: where each curve settles, the a of a + b/n, with its 99.9% interval."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `deep_specification`."""
    laws = list(rows["synthetic_law"].unique())
    figure = Figure(figsize=(style.WIDTH, 3.3))
    axes = figure.subplots(1, len(laws), sharey=True, squeeze=False)[0]
    for ax, law in zip(axes, laws):
        _panel(ax, rows[rows["synthetic_law"] == law])
    axes[0].set_ylabel("mean signed gap")
    panels.legend_below(figure, axes[0], 4)
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION


def _panel(ax: Axes, part: pd.DataFrame) -> None:
    """The curves of one law, and where they settle."""
    tables = by_n(part, ["learner"], "gap_test")
    sizes = next(iter(tables.values()))[0]
    for place, (name, (_, samples)) in enumerate(tables.items()):
        look = style.look(name)
        panels.mean_curve(ax, sizes, samples, name.replace("_", " "), look)
        if len(sizes) >= 3:
            at = sizes[-1] * 2.2 * 1.35**place
            settled = {**look, "marker": "D", "markerfacecolor": "white"}
            panels.interval_curve(ax, [at], [plateau(sizes, samples, 0.999)], "", settled)
    panels.log_sizes(ax, sizes)
    ax.axvline(sizes[-1] * 1.5, color="0.7", linewidth=0.8, linestyle="--")
    _predicted(ax, part)
    tv = part["total_variation"].iloc[0]
    ax.set_title("same features" if tv < 1e-9 else f"different features ({part['synthetic_law'].iloc[0]}, TV {tv:.2f})")


def _predicted(ax: Axes, part: pd.DataFrame) -> None:
    """The limit of the linear network, computed from the laws."""
    limit = float(part["limit"].mean())
    ax.axhline(limit, **style.PREDICTION)
    text = f"predicted Δ∞ of the linear network: {limit:.3f}"
    place, aligned = ((0, -5), "top") if limit > 0.01 else ((0, 4), "bottom")
    ax.annotate(
        text,
        (0.02, limit),
        xycoords=("axes fraction", "data"),
        xytext=place,
        textcoords="offset points",
        va=aligned,
        fontsize=7,
    )
