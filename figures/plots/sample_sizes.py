"""More synthetic data: the signed gap falls to a floor that the responses set, and the distance to them vanishes."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style, tidy

caption = panels.caption(
    "One learner per row. Left and middle: signed gap R(f̃) − R(f̂) on an independent real test set (95% intervals) "
    "against m/n at n = {n:,.0f}, under two laws of synthetic features and for responses with error e_r. Dotted: the "
    "floor Φ(μ̃) − Φ(f̂), fixed before any synthetic sample is drawn. Below zero synthetic training beats real "
    "training; the smallest m may lie above the panels. Right: squared distance ‖f̃ − μ̃‖² on real features against m "
    "(solid: the near law, dashed: the far one): it falls, whatever the error of the responses. Grey crosses: the "
    "control, a law that never sees half of the real features."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return at the n common to all learners the gaps against m/n with their floors, and distances against m."""
    n = rows.groupby("learner", observed=True)["n"].max().min()
    rows, parts = rows[rows["n"] == n], []
    error = rows["responses"].astype(str).str.extract(r"e_r=([\d.]+)")[0].astype(float).fillna(0.0)
    rows = rows.assign(error=error, curve=error.map(lambda e: f"e_r = {e:g}" if e else "exact responses"))
    for (learner, law, _), own in rows.sort_values("error", kind="stable").groupby(
        ["learner", "synthetic_law", "error"], observed=True, sort=False
    ):
        told = tidy.law_labels(own) | {"learner": str(learner), "law": str(law), "n": n}
        floor = float((own["excess_response"] - own["excess_real"]).mean())
        gaps = tidy.means(own, "curve", "gap_test", axis="m", panel="gap", floor=floor, **told)
        parts.append(gaps.assign(x=gaps["x"] / n))
        parts.append(tidy.means(own, "curve", "off_responses", axis="m", panel="distance", **told))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `sample_sizes`."""
    covered = estimates[estimates["control"] == 0]
    learners, laws = covered["learner"].unique(), covered.sort_values("total_variation")["law"].unique()
    figure, axes = panels.grid(1.75 * len(learners) + 1.2, len(learners), len(laws) + 1, sharex="col")
    look = style.rungs(covered["curve"])
    for step, (row, learner) in enumerate(zip(axes, learners)):
        own = estimates[estimates["learner"] == learner]
        for ax in row[1:-1]:
            ax.sharey(row[0])
        for ax, law in zip(row, laws):
            gaps = panels.of(own, "gap")[lambda t, law=law: t["law"] == law]
            panels.curves(ax, gaps.drop(columns="control"), look=look)
            for name, part in gaps.groupby("curve", sort=False):
                ax.axhline(part["floor"].iloc[0], **(style.PREDICTION | {"color": look(str(name))["color"]}))
            ax.axhline(0, color="0.35", linewidth=0.8)
            if step == 0 and not gaps.empty:
                ax.set_title(f"{panels.law(law)},\nTV {gaps['total_variation'].iloc[0]:.2f}")
        shown = panels.of(own, "gap")
        top = 2 * shown.loc[(shown["law"] == laws[0]) & (shown["x"] >= 1), "value"].max()
        if top > 0:  # small samples from the far law lie far above
            row[0].set_ylim(min(1.3 * shown["floor"].min(), 0), top)
        row[0].set_ylabel(f"{panels.learner(str(learner))}\nsigned gap (test)")
        distances = panels.of(own, "distance")
        ends = distances[distances["curve"].isin([*own["curve"].iloc[:1], *own["curve"].iloc[-1:]])]
        for law, part in ends.groupby("law", sort=False):
            panels.curves(row[-1], part, "", look, linestyle="--" if law in laws[1:] else "-")
        panels.log_values(row[-1], "mean ‖f̃ − μ̃‖²")
    for ax, panel, label in zip(axes[-1], ("gap", "gap", "distance"), ("size m over n", "size m over n", "size m")):
        sizes = np.unique(panels.of(covered, panel)["x"])[::2]
        panels.log_sizes(ax, sizes, f"synthetic sample {label}")
        ax.set_xticks(sizes, [f"{size:g}" for size in sizes])
    axes[0][-1].set_title("distance to the\nresponses' function")
    panels.legend_below(figure, axes[0][0], columns=4)
    panels.headline(figure, "More synthetic rows: the gap falls to a floor that the responses set (dotted)")
    return figure
