"""The 2 x 2 of features and model class: only different features and a wrong class leave a gap, at the predicted height."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.intervals import plateau
from figures import panels, style
from figures.tables import by_n

CAPTION = (
    "Signed gap R(f̃) − R(f̂) on an independent real test set, mean with 95% interval, against n = m. Dotted: the "
    "predicted limit Δ∞, computed from the laws and the class before any data. Diamond at the right: the fitted limit a of "
    "a + b/n with its 99.9% interval. It takes both faults to lose."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `specification`."""
    laws, learners = rows["synthetic_law"].unique(), rows["learner"].unique()
    figure = Figure(figsize=(style.WIDTH, 1.1 + 1.9 * len(learners)))
    axes = np.atleast_2d(figure.subplots(len(learners), len(laws), sharex=True, sharey=True, squeeze=False))
    for i, learner in enumerate(learners):
        for j, law in enumerate(laws):
            _corner(axes[i, j], rows[(rows["learner"] == learner) & (rows["synthetic_law"] == law)], learner, law)
    for ax in axes[:, 0]:
        ax.set_ylabel("signed gap")
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption, which states the finding."""
    return CAPTION


def _corner(ax: Axes, part: pd.DataFrame, learner: str, law: str) -> None:
    (sizes, samples) = by_n(part, ["synthetic_law"], "gap_test")[law]
    limit = float(part["limit"].mean())
    panels.mean_curve(ax, sizes, samples, learner, style.look(learner))
    ax.axhline(limit, **style.PREDICTION)
    if len(sizes) >= 3:
        a = plateau(sizes, samples, 0.999)
        panels.interval_curve(ax, [sizes[-1] * 1.8], [a], "limit", {"color": "black", "marker": "D"})
    panels.log_sizes(ax, sizes)
    same = part["total_variation"].iloc[0] < 1e-9
    wrong = part["class_error"].iloc[0] > 1e-9
    ax.set_title(
        f"{'wrong' if wrong else 'right'} class ({learner}), {'same' if same else 'different'} features ({law})"
    )
    ax.annotate(
        f"predicted Δ∞ = {limit:.3f}",
        (0.03, limit),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        va="bottom",
        fontsize=7,
    )
