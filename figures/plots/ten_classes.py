"""Ten classes at once: utility in 0-1 risk against sample size, and the bounds of the excess risk side by side."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style, tidy
from figures.rows import without_options

caption = panels.caption(
    "Left: mean utility in 0-1 risk, U01, against n = m, for ten classes at once, by the law of the synthetic features (95% "
    "intervals; TV, its total variation to the real law): logistic regression, a right class, loses nothing in the limit; grey "
    "crosses, naive Bayes under the law `{control_law}` (the control), which is right only where the laws agree. Right: under "
    "the law `{law}`, the mean excess 0-1 risk after synthetic training and the means of its bounds: for ten classes at once "
    "(which some estimate with the same error attains), summed over the 45 pairs of classes, and by the transferred squared "
    "error alone; above 1 (shaded) a bound says nothing."
)

BOUNDS = {"bound_classes": "ten classes at once", "bound_pairs": "sum over 45 pairs", "bound_crude": "squared error alone"}
LOOKS: dict[str, style.Look] = {
    "ten classes at once": {"color": "black", "linewidth": 1.6},
    "sum over 45 pairs": style.BOUND,
    "squared error alone": style.BOUND | {"linestyle": "-."},
}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return utilities by law, and of one law the excess risk with its bounds."""
    law = without_options(rows["synthetic_law"]).iloc[0]
    far = rows.loc[rows["total_variation"].idxmax(), "synthetic_law"]
    parts = []
    for _, own in rows[rows["model"] == "linear"].groupby("synthetic_law", observed=True, sort=False):
        parts.append(tidy.means(own, "synthetic_law", "utility", panel="utility", **tidy.law_labels(own)))
    naive = rows[(rows["model"] == "naive_bayes") & (rows["synthetic_law"] == far)]
    parts.append(tidy.means(naive.assign(curve="naive Bayes"), "curve", "utility", panel="utility", control=1))
    own = rows[(rows["model"] == "linear") & (rows["synthetic_law"] == law)].assign(curve="logistic regression")
    parts.append(tidy.means(own, "curve", "excess_synthetic", panel="bounds"))
    parts += [tidy.series(label, own.groupby("n")[column].mean(), panel="bounds") for column, label in BOUNDS.items()]
    return tidy.table(parts).assign(law=str(law), control_law=str(far))


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `ten_classes`."""
    figure, [[left, right]] = panels.grid(3.6, 1, 2)
    found = panels.of(estimates, "utility")
    laws = found[found["control"] != 1].sort_values(["total_variation", "x"])
    panels.curves(left, laws, "{curve} (TV {total_variation:.2f})", panels.by_distance(laws))
    panels.curves(left, found[found["control"] == 1], "{curve} (control)")
    for name, own in panels.of(estimates, "bounds").groupby("curve", sort=False):
        panels.curve(right, own, str(name), LOOKS.get(str(name), style.look("linear")))
    right.axhspan(1, 20, color="0.92", zorder=0)
    right.text(0.97, 0.97, "says nothing", transform=right.transAxes, ha="right", va="top", fontsize=8)
    for ax in (left, right):
        panels.log_sizes(ax, found["x"])
    panels.log_values(left, "mean U01", title="accuracy lost → 0 where the class is right")
    panels.log_values(right, "excess 0-1 risk", title="the bound for ten classes is the least", ylim=(None, 20))
    for ax in (left, right):
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.27), ncols=2)
    return figure
