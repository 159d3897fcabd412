"""Better than real: synthetic features that favour the ends train a better line, by the predicted rate; a wrong class loses."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.estimators.intervals import ratio_interval, simultaneous_level
from figures import panels, style, tidy

caption = panels.caption(
    "Mean excess risk after synthetic over that after real training, m = n = {n:,.0f} (joint 99.9% intervals), against the "
    "total variation between the laws of features: synthetic features at the ends of the interval, or in its middle. Below 1 "
    "(shaded) synthetic rows are worth more than real ones. Left: the class is right; dotted, the exchange rate "
    "tr(Σ_P Σ_Q⁻¹)/s, computed from laws and class before any data. Right: the same laws and class, but the function is "
    "curved: the rate forgets the bias, and features at the ends lose."
)
NAMES = {"ends": "at the ends", "middle": "in the middle"}
LOOKS = dict(zip(NAMES, (style.ladder(0, 2), style.ladder(1, 2))))
TITLES = {"straight": "right class: ends beat real features", "parabola": "wrong class: the same ends lose"}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return measured ratios of risks at the largest n, and predicted ones, by task and branch of laws."""
    rows = rows[rows["n"] == rows["n"].max()]
    return tidy.table(part for task, own in rows.groupby("task", observed=True) for part in _branches(own, str(task)))


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `better_than_real`."""
    tasks = [task for task in TITLES if (estimates["task"] == task).any()]
    figure, [axes] = panels.grid(3.1, 1, len(tasks))
    for ax, task in zip(axes, tasks):
        own = estimates[estimates["task"] == task]
        for step, (_, part) in enumerate(panels.of(own, "predicted").groupby("curve", sort=False)):
            panels.curve(ax, part, "" if step else "exchange rate of a right class", style.PREDICTION)
        measured = panels.of(own, "measured")
        panels.curves(ax, measured.assign(label=measured["curve"].map(NAMES)), "{label}", LOOKS.__getitem__, linestyle="none")
        ax.axhspan(0.5, 1, **style.ALLOWED)
        ax.axhline(1, **style.BOUND)
        ax.set(xlabel="total variation of P and Q", ylabel="excess risk, synthetic / real training", title=TITLES[task])
        ax.set_ylim(0.5, 0.5 + 1.25 * (ax.get_ylim()[1] - 0.5))
        ax.annotate("better than real", (0.02, 0.03), xycoords="axes fraction", fontsize=8)
        panels.legend(ax, "upper left")
    return figure


def _branches(rows: pd.DataFrame, task: str) -> Iterator[pd.DataFrame]:
    """Ratios along both branches of laws, each from the real law outwards."""
    level = simultaneous_level(rows["synthetic_law"].nunique(), 0.999)
    branch = rows["synthetic_law"].astype(str).str.partition("_")[0]
    for name in NAMES:
        own = rows[branch.isin([name, "uniform"])]
        laws = [part for _, part in own.groupby("synthetic_law", observed=True)]
        laws.sort(key=lambda part: float(part["total_variation"].iloc[0]))
        x = [float(part["total_variation"].iloc[0]) for part in laws]
        found = [ratio_interval(part["excess_synthetic"].to_numpy(), part["excess_real"].to_numpy(), level) for part in laws]
        labels = {"task": task, "n": rows["n"].max()}
        yield tidy.values(name, x, [part["exchange_rate"].iloc[0] for part in laws], panel="predicted", **labels)
        yield tidy.points(name, x, found, panel="measured", **labels)
