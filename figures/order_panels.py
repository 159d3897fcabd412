"""The order of two models on axes: probability of a consistent ranking against sizes, response errors and label flips."""

from collections.abc import Callable

import pandas as pd
from matplotlib.axes import Axes

from figures import panels, style
from figures.claims.pairs import consistent, share
from figures.rows import without_options

LOOKS = {
    "worst": {"color": "#d55e00", "marker": "o"},
    "biased": {"color": "#0173b2", "marker": "s"},
    "flips": {"color": "#0173b2", "marker": "s"},
    "one_sided": style.CONTROL,
}
NAMES = {"worst": "worst", "biased": "smooth", "flips": "both classes", "one_sided": "zeros only"}
Axis = Callable[[str, pd.DataFrame], float]
"""From the label of responses and the rows of its cell to a place on the axis."""


def rate(responses: str) -> float:
    """Return the rate in a label such as `flips(zero=0.2)`."""
    return float(responses.partition("=")[2].rstrip(")"))


def by_size(ax: Axes, pair: pd.DataFrame, label: str, look: style.Look) -> None:
    """Draw the probability of a consistent ranking against n, with Wilson's 95% intervals."""
    cells = [(int(n), cell) for n, cell in pair.groupby("n", sort=True)]
    estimates = [share(consistent(cell, "risk_real_test", "risk_synthetic_test"), 0.95) for _, cell in cells]
    panels.interval_curve(ax, [n for n, _ in cells], estimates, label, look)


def by_kind(ax: Axes, pair: pd.DataFrame, where: Axis) -> None:
    """Draw the same against what `where` says, one curve for each kind of responses."""
    for kind, part in pair.groupby(without_options(pair["responses"]), observed=True, sort=False):
        cells = [(where(str(name), cell), cell) for name, cell in part.groupby("responses", observed=True, sort=False)]
        estimates = [share(consistent(cell, "risk_real_test", "risk_synthetic_test"), 0.95) for _, cell in cells]
        panels.interval_curve(ax, [x for x, _ in cells], estimates, NAMES[str(kind)], LOOKS[str(kind)])
    ax.set_ylim(-0.05, 1.05)
    ax.set_ylabel("P(consistent ranking)")


def predicted(ax: Axes, pair: pd.DataFrame) -> None:
    """Mark the tolerance delta* by a line and the flipped response errors, from delta° on, by a shade."""
    worst = pair[pair["responses"].str.startswith("worst")]
    if worst.empty:
        return
    tolerance, flip = (float(worst[f"{name}_1"].iloc[0]) for name in ("tolerance", "flip"))
    right = float(pair["e_r_1"].max())
    ax.axvspan(flip, max(flip, min(float(worst["flip_end_1"].iloc[0]), 1.05 * right)), color="0.9", zorder=0)
    ax.axvline(tolerance, **style.PREDICTION)
    ax.annotate("δ*", (tolerance, 0.5), xytext=(-3, 0), textcoords="offset points", ha="right", fontsize=8)
    ax.annotate("δ°", (flip, 0.5), xytext=(3, 0), textcoords="offset points", fontsize=8)
