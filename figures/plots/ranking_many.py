"""Seven models at once: their order, the choice of the best and its regret against n, and an order that features turn round."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import mean_interval, ratio_interval
from figures import panels, style, tidy
from figures.claims.choices import REAL, SYNTHETIC, best_is_chosen, regrets, risks, taus
from figures.claims.pairs import share
from figures.rows import grouped

caption = panels.caption(
    "Seven models, ranked by synthetic data with responses fitted on the real sample (diamonds: exact responses, at "
    "the largest n), at five laws of features; 95% intervals. Top: Kendall's tau between the orders after synthetic "
    "and after real training, by risks on real data. Middle: probability that the best model is chosen. Below: what "
    "the choice forgoes, as a share of what the best model gains over the constant guess. Dash-dotted: models ranked by "
    "their risk in the synthetic world, without a real row. At four laws the order is found; at the fifth (grey, the "
    "control) it is not, although features are covered. Bottom: risks of the wrong classes after real and after "
    "synthetic training (n = m = {n:,.0f}); open circles are limits, computed beforehand: they stand in the same "
    "order at the first law and turn round at the fifth."
)
GUESS, WRONG = "constant", ("linear", "quadratic", "cubic", "quintic")
ROWS = {"tau": "Kendall's τ", "best": "P(best chosen)", "regret": "regret / advantage"}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return tau, choices and regrets by law against n, and mean risks with limits of the wrong classes at the largest n."""
    models = sorted(set(rows["learner"].astype(str)) - {GUESS})
    parts = []
    for _, own in grouped(rows, ["synthetic_law", "responses", "n"]):
        law, kind, n = (str(own[c].iloc[0]) for c in ("synthetic_law", "responses", "n"))
        real, guess = risks(own, models, REAL), risks(own, [GUESS], REAL)
        if len(real) < 2 or len(guess) != len(real):
            continue
        told = {"law": law, "total_variation": float(own["total_variation"].iloc[0])}
        for curve, column in ((kind, SYNTHETIC), (f"{kind}, synthetic test", "e_s")):
            synthetic = risks(own, models, column)
            found = {
                "tau": mean_interval(taus(real, synthetic), 0.95),
                "best": share(best_is_chosen(real, synthetic), 0.95),
                "regret": ratio_interval(regrets(real, synthetic), guess[:, 0] - real.min(axis=1), 0.95),
            }
            parts += [tidy.points(curve, [float(n)], [i], panel=panel, **told) for panel, i in found.items()]
    largest = rows[(rows["n"] == rows["n"].max()) & (rows["responses"] == "fitted")]
    for _, own in grouped(largest, ["synthetic_law", "learner"]):
        law, model = (str(own[c].iloc[0]) for c in ("synthetic_law", "learner"))
        if model in WRONG:
            known = own["class_error"].mean(), own["class_error"].mean() + own["limit_exact_responses"].mean()
            seen = own["excess_real"].median(), own["excess_synthetic"].median()
            parts.append(tidy.values(model, [0, 1], seen, panel="risk", law=law, limit=known))
    return tidy.table(parts).assign(n=rows["n"].max())


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `ranking_many`."""
    laws = list(dict.fromkeys(panels.of(estimates, "tau")["law"]))
    figure = Figure(figsize=(style.WIDTH, 7.4))
    [above], [below] = figure.subfigures(2, 1, squeeze=False, height_ratios=[2, 1])
    axes = above.subplots(3, len(laws), squeeze=False, sharex=True, sharey="row")
    for column, law in zip(axes.T, laws):
        for ax, panel in zip(column, ROWS):
            part = panels.of(estimates, panel)
            _by_size(ax, part[part["law"] == law], law == laws[-1])
        told = panels.of(estimates, "tau")
        variation = told.loc[told["law"] == law, "total_variation"].iloc[0]
        column[0].set_title(f"{panels.law(law)}\nTV {variation:.2f}", fontsize=8)
        panels.log_sizes(column[-1], panels.of(estimates, "tau")["x"], "n = m")
        column[-1].tick_params(axis="x", labelrotation=90)
    for ax, label in zip(axes[:, 0], ROWS.values()):
        ax.set_ylabel(label)
    axes[0, 0].set_ylim(-0.7, 1.08)
    axes[2, 0].set_yscale("symlog", linthresh=1e-3)
    axes[2, 0].set_ylim(-2e-4, 1)
    axes[2, 0].set_yticks([0, 1e-3, 1e-2, 1e-1, 1], ["0", "0.001", "0.01", "0.1", "1"])
    panels.legend_below(above, axes[0, 0])
    for ax, law in zip(below.subplots(1, 2, sharey=True), (laws[0], laws[-1])):
        part = panels.of(estimates, "risk")
        _turning(ax, part[part["law"] == law], law)
    panels.headline(above, "Synthetic data find the order of seven models, except where limits turn round (grey)")
    panels.headline(below, "Why: the limits of wrong classes (open circles) keep their order, or turn round")
    return figure


def _by_size(ax: Axes, part: pd.DataFrame, control: bool) -> None:
    look = (style.CONTROL if control else style.KEPT) | {"markersize": 3}
    panels.curve(ax, part[part["curve"] == "fitted"].sort_values("x"), "ranked on real rows", look)
    alone = part[part["curve"] == "fitted, synthetic test"].sort_values("x")
    ax.plot(alone["x"], alone["value"], color="0.3", linestyle="-.", linewidth=1.2, label="ranked on synthetic rows")
    exact = look | {"marker": "D", "linestyle": "none", "markersize": 5, "fillstyle": "none"}
    panels.curve(ax, part[part["curve"] == "oracle"], "exact responses", exact)


def _turning(ax: Axes, part: pd.DataFrame, law: str) -> None:
    """Risk of each wrong class after real training (left) and after synthetic training (right), with their limits."""
    panels.log_values(ax, "median excess risk")
    height = 0.0
    for model, own in sorted(part.groupby("curve", sort=False), key=lambda named: float(named[1]["value"].iloc[-1])):
        look = style.ladder(WRONG.index(str(model)), len(WRONG))
        ax.plot(own["x"], own["value"], **look)
        ax.plot(own["x"] + [-0.06, 0.06], own["limit"], linestyle="none", marker="o", fillstyle="none", color=look["color"])
        height = max(1.7 * height, float(own["value"].iloc[-1]))
        panels.at_end(ax, 1.08, height, str(model), look["color"])
    ax.set_ylim(top=max(2 * height, ax.get_ylim()[1]))
    ax.set(xlim=(-0.15, 1.4), title=f"wrong classes, {panels.law(law)}")
    ax.set_xticks([0, 1], ["after real", "after synthetic"])
