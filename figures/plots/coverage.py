"""Features that drift away: U against n where the drift is bounded and where it is not, and why."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style, tidy

caption = panels.caption(
    "Synthetic features are N(δ, 1) with δ = √log n, with a cap at 2.5 (filled) or without (open); the real ones are N(0, 1). "
    "Left: mean utility U (95% intervals). It falls where the drift is bounded; without a "
    "bound nearest neighbours (grey crosses, the control) stay away. Middle: the error e_s in the synthetic world falls in "
    "either case: it does not tell them apart. Right: the guarantee max{{T_M(e_s²), Φ(f̂)}} of nearest neighbours falls "
    "steadily with the cap, and little without it."
)
DRIFTS = {"bounded_drift": "bounded", "growing_drift": "without bound"}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return utility, error in the synthetic world and guarantee against n, by learner and drift."""
    parts = []
    for (learner, drift), own in rows.groupby(["learner", "synthetic_law"], observed=True, sort=False):
        told = {"learner": learner, "drift": DRIFTS.get(str(drift), str(drift))}
        told["control"] = int(learner == "nearest_one" or (learner == "knn" and drift == "growing_drift"))
        panelled = {"utility": "utility", "e_s": "e_s"} | ({"guarantee": "bound_sharp"} if learner == "knn" else {})
        if learner == "nearest_one":
            panelled = {"e_s": "e_s"}
        for panel, column in panelled.items():
            parts.append(tidy.means(own, "learner", column, panel=panel, **told))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `coverage`."""
    figure, [axes] = panels.grid(3.3, 1, 3)
    titles = ("U vanishes if the\ndrift is bounded", "both learn the\nsynthetic world", "the guarantee\ntells them apart")
    labels = ("mean utility U", "error on synthetic features, e_s", "mean of the bound of U")
    for ax, panel, title, label in zip(axes, ("utility", "e_s", "guarantee"), titles, labels):
        part = panels.of(estimates, panel)
        for drift, own in part.groupby("drift", sort=False):
            named = own.assign(label=own["curve"].map(lambda name: panels.learner(style.base(name))))
            extra: style.Look = {} if drift == "bounded" else {"markerfacecolor": "white", "linestyle": "--"}
            panels.curves(ax, named, "{label}, {drift}", **extra)
        panels.log_sizes(ax, estimates["x"])
        panels.log_values(ax, label, title=title)
    panels.legend_below(figure, axes[1])
    return figure
