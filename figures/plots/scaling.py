"""Scaling laws over a path of laws: curves level off where theory said they would."""


import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.estimators.power_laws import fit_power_law
from figures import panels, style, tidy
from figures.rows import by_n

AHEAD = 4
"""Forecasts are made from sizes up to the largest divided by this."""

TITLES = {"linear": "wrong class: known floors", "quadratic": "right class: none", "forecast": "small n forecast large n"}
LINES = {"with a floor": "-", "power law": "--"}
"""Fits to the sizes up to a quarter of the largest."""

caption = panels.caption(
    "Excess risk after synthetic training over the best of the class, with 95% intervals. Left: the linear class, which is "
    "wrong here; every law of features has its floor Δ∞, predicted before the data (dotted), 0 at the real law. Middle: the "
    "quadratic class is right, and all laws fall as a power. Right: what a fit to sizes up to a quarter of the largest "
    "(shaded) says of larger ones, for the linear class: with a floor (lines) it meets them, as a pure power law (dashed, "
    "the control) it promises too much."
)


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean excess risks by n with their floors, for two classes; multiples of the floor and what fits say of them."""
    rows = rows.assign(difference=rows["excess_synthetic"] - rows["class_error"])
    parts = []
    for learner in ("linear", "quadratic"):
        part = rows[rows["learner"] == learner]
        found = tidy.means(part, "synthetic_law", "difference", panel=learner)
        floors = found["curve"].map({k: float(v.mean()) for k, (_, v) in by_n(part, ["synthetic_law"], "limit").items()})
        parts.append(found.assign(fit="", floor=floors.where(floors > 1e-12)))
    biased = rows[(rows["learner"] == "linear") & (rows["limit"] > 1e-12)]
    floor = biased.groupby("synthetic_law", observed=True)["limit"].transform("mean")
    shares = biased.assign(share=biased["difference"] / floor)
    parts.append(tidy.means(shares, "synthetic_law", "share", panel="forecast", fit=""))
    for law, (sizes, samples) in by_n(shares, ["synthetic_law"], "share").items():
        seen, fine = sizes <= sizes[-1] / AHEAD, np.geomspace(sizes[0], sizes[-1], 40)
        for name in LINES if seen.sum() >= 4 else ():  # too few sizes cannot be fitted
            fit = fit_power_law(sizes[seen], samples[seen], name == "with a floor")
            parts.append(tidy.values(law, fine, [fit.at(m) for m in fine], panel="forecast", fit=name))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return a panel for each class, and one of forecasts."""
    rungs = style.rungs(estimates.loc[estimates["curve"] != "uniform", "curve"])
    looks = {law: style.REFERENCE if law == "uniform" else rungs(law) for law in estimates["curve"].unique()}
    figure, [axes] = panels.grid(3.5, 1, 3)
    for name, ax in zip(TITLES, axes):
        part = panels.of(estimates, name)
        fits = part["fit"].isin(LINES)
        for law, own in part[~fits].groupby("curve", sort=False):
            panels.curve(ax, own, panels.law(str(law)), looks[str(law)] | {"linestyle": "none" if name == "forecast" else "-"})
            ax.axhline(own["floor"].iloc[0], **(style.PREDICTION | {"color": looks[str(law)]["color"]}))
        for (law, fit), own in part[fits].groupby(["curve", "fit"], sort=False):
            ax.plot(own["x"], own["value"], LINES[fit], color=looks[law]["color"], linewidth=1)
        sizes = np.unique(part.loc[~fits, "x"])
        panels.log_sizes(ax, sizes, "rows n = m", title=TITLES[name])
        if name != "forecast":
            panels.log_values(ax, "excess risk over the class's best" if name == "linear" else "")
    ax.axvspan(sizes[0] / 1.3, sizes[-1] / AHEAD * 1.2, color="0.93", zorder=0)
    ax.axhline(1, **style.PREDICTION)
    said = {"transform": ax.transAxes, "fontsize": 8}
    ax.text(0.97, 0.97, "lines: with a floor\ndashed: without\n(control)", ha="right", va="top", **said)
    ax.text(0.08, 0.02, "fitted here", **said)
    ax.set_ylabel("excess risk / Δ∞")
    panels.headline(figure, "The floor Δ∞ of a scaling law is known before the data; a right class has none")
    panels.legend_below(figure, axes[0], 4)
    return figure
