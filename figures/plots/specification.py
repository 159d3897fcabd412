"""The 2 x 2 of features and model class: only different features and a wrong class leave a gap, at the predicted height."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.intervals import mean_interval, plateau
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
    estimates = [mean_interval(row, 0.95) for row in samples]
    colour = style.colour("linear" if limit > 0 else "uniform")
    means = np.array([e.value for e in estimates])
    ax.errorbar(sizes, means, yerr=[e.half_width for e in estimates], color=colour, marker="o", capsize=2)
    ax.axhline(limit, **style.PREDICTION)
    if len(sizes) >= 3:
        a = plateau(sizes, samples, 0.999)
        ax.errorbar([sizes[-1] * 1.6], [a.value], yerr=[[a.value - a.low], [a.high - a.value]], color="black", marker="D", capsize=3)
    panels.log_sizes(ax, sizes)
    same = "same features" if part["total_variation"].iloc[0] < 1e-9 else f"different features ({law})"
    ax.set_title(f"{learner}: {same}")
    ax.annotate(f"predicted Δ∞ = {limit:.3f}", (0.97, limit), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=7.5)
