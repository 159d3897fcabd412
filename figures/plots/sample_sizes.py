"""More synthetic data: the signed gap falls to a floor that the responses set, and the distance to it vanishes."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style, tidy

caption = panels.caption(
    "Left: signed gap R(f̃) − R(f̂) on an independent real test set (95% intervals) against m/n at n = {n:,.0f}, for "
    "responses with error e_r. Dotted: the floor Φ(μ̃) − Φ(f̂), fixed before any synthetic sample is drawn. Below zero "
    "synthetic training beats real training. Right: distance of the synthetic fit's risk from that of the responses, |Φ(f̃) "
    "− Φ(μ̃)|, against m, for every n (larger n: larger markers): it depends on m and vanishes, whatever the error of the "
    "responses."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return gaps at the largest n against m/n with their floors, and distances from the floor against m, by response error."""
    errors = rows.groupby("responses", observed=True)["e_r"].transform("mean").round(6)
    n, parts = rows["n"].max(), []
    for error, own in rows.groupby(errors):
        own = own.assign(curve="exact responses" if error == 0 else f"e_r = {error:g}")
        largest = own[own["n"] == n]
        floor = (largest["excess_response"] - largest["excess_real"]).mean()
        gaps = tidy.means(largest, "curve", "gap_test", axis="m", panel="gap", n=n, floor=floor)
        parts.append(gaps.assign(x=gaps["x"] / n))
        for size, part in own.groupby("n"):
            parts.append(tidy.means(part, "curve", "off_floor", axis="m", panel="distance", n=size))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `sample_sizes`."""
    figure, [[left, right]] = panels.grid(3.1, 1, 2)
    look = style.rungs(estimates["curve"])
    gaps = panels.of(estimates, "gap")
    panels.curves(left, gaps, look=look)
    for name, own in gaps.groupby("curve", sort=False):
        left.axhline(own["floor"].iloc[0], **(style.PREDICTION | {"color": look(style.base(str(name)))["color"]}))
    ratios = np.unique(gaps["x"])
    left.set_xscale("log", base=4)
    left.set_xticks(ratios, [f"{r:g}" for r in ratios])
    left.axhline(0, color="0.3", linewidth=0.8)
    left.set(xlabel="synthetic over real sample size, m/n", title="up to the floor set by the responses")
    left.set_ylabel("signed gap (test)")
    panels.legend_below(figure, left, columns=4)
    distances = panels.of(estimates, "distance")
    for _, part in distances.groupby("curve", sort=False):
        for step, (_, own) in enumerate(part.groupby("n")):
            panels.curves(right, own, "", look, markersize=3 + 2 * step)
    panels.log_sizes(right, np.unique(distances["x"])[::2], "synthetic sample size m")
    panels.log_values(right, "mean |Φ(f̃) − Φ(μ̃)|", title="the distance to the floor vanishes")
    return figure
