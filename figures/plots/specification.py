"""Features and model class: only both faults together leave a gap, at the predicted height, all along a path of laws."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.slopes import plateau
from figures import panels, style, tidy
from figures.rows import by_n

caption = panels.caption(
    "Left: signed gap R(f̃) − R(f̂) on an independent real test set (95% intervals) against n = m in the four corners of "
    "features and class, least squares; lines mark the limits Δ∞, computed from laws and class before any data. Only both "
    "faults together cost utility. Middle and right: the fitted limit a of a + b/n with its joint 99.9% interval, against "
    "the total variation between the laws on the path Beta(1, 1) to Beta({steepest:g}, 1), for least squares and for "
    "logistic regression; dotted lines are the predictions. The right classes (squares) stay at 0 however far the features "
    "are."
)
LOOKS = {"wrong class": {"color": "#d55e00", "marker": "o"}, "right class": {"color": "#0173b2", "marker": "s"}}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the gap in the four corners for the first task, and for each task predicted and fitted limits along the path."""
    steepest = 1 + 1 / rows["d"].min()
    rows = rows[rows["limit"].notna()]
    rows = rows.assign(curve=(rows["class_error"] > 1e-9).map({True: "wrong class", False: "right class"}))
    tasks = [(str(task), part) for task, part in rows.groupby("task", observed=True, sort=False)]
    parts = [*_corners(tasks[0][1]), *(part for task, own in tasks for part in _path(own, task))]
    return tidy.table(parts).assign(steepest=steepest)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `specification`."""
    paths = estimates[estimates["panel"].isin(["predicted", "limit"])]
    figure, [axes] = panels.grid(3.0, 1, 1 + paths["task"].nunique())
    _draw_corners(axes[0], panels.of(estimates, "gap"))
    for ax, (task, part) in zip(axes[1:], paths.groupby("task", sort=False)):
        for _, curve in panels.of(part, "predicted").groupby("curve", sort=False):
            panels.curve(ax, curve, "", style.PREDICTION)
        panels.curves(ax, panels.of(part, "limit"), look=LOOKS.__getitem__, linestyle="none")
        title = f"as predicted: {'least squares' if task == 'parabola' else 'logistic'}"
        ax.set(xlabel="total variation of P and Q", ylabel="limit of the signed gap", title=title)
        panels.legend(ax, "upper left")
    return figure


def _corners(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Both classes at the same and at the middle law of the path."""
    distance = rows.groupby("synthetic_law", observed=True)["total_variation"].first().sort_values()
    for law in {distance.index[0]: None, distance.index[len(distance) // 2]: None}:
        for kind in LOOKS:
            part = rows[(rows["synthetic_law"] == law) & (rows["curve"] == kind)]
            features = "same" if distance[law] < 1e-9 else "different"
            yield tidy.means(part, "curve", "gap_test", panel="gap", features=features, limit=part["limit"].mean())


def _path(rows: pd.DataFrame, task: str) -> Iterator[pd.DataFrame]:
    """Predicted limits and fitted ones, against the total variation."""
    level = simultaneous_level(rows.groupby(["curve", "synthetic_law"], observed=True).ngroups, 0.999)
    for kind in LOOKS:
        own = rows[rows["curve"] == kind]
        means = own.groupby("synthetic_law", observed=True)[["total_variation", "limit"]].mean()
        path = means.sort_values("total_variation")
        yield tidy.values(kind, path["total_variation"], path["limit"], panel="predicted", task=task)
        if own["n"].nunique() >= 3:
            for law, tv in path["total_variation"].items():
                fits = [plateau(*t, level) for t in by_n(own[own["synthetic_law"] == law], ["curve"], "gap_test").values()]
                yield tidy.points(kind, [tv] * len(fits), fits, panel="limit", task=task)


def _draw_corners(ax: Axes, part: pd.DataFrame) -> None:
    for features, own in part.groupby("features", sort=False):
        extra = {"markerfacecolor": "white", "linestyle": "--"} if features == "same" else {}
        panels.curves(ax, own, "{curve}, {features} features", LOOKS.__getitem__, **extra)
    for limit in part["limit"].unique():
        ax.axhline(limit, **style.PREDICTION)
    panels.log_sizes(ax, part["x"], ylabel="signed gap", title="it takes both faults")
    panels.legend(ax, "upper right", 6)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.35 * (high - low))
