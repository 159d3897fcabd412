"""What a response error costs: utility against e_r in the worst and in a smooth direction, and how the bound tightens."""

import pandas as pd
from matplotlib.figure import Figure

from experiments.estimators.intervals import mean_interval
from figures import panels, style, tidy
from figures.rows import without_options

caption = panels.caption(
    "Left: mean utility U on an independent real test set (95% intervals) against the response error e_r, for an error in "
    "the worst direction (circles) and a smooth one (squares), at the smallest (open) and the largest n (filled). Dotted: "
    "what the responses alone cost, Φ(μ̃): in the worst direction it equals the sharp transfer bound T_M(e_r²), so no error "
    "of this size costs more. Right: mean share of the two-sided bound that U takes up, in the cells with e_s ≤ e_r/4: it "
    "rises with n."
)
NAMES = {"worst": "worst direction", "biased": "smooth direction"}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return utilities and what the responses alone cost against e_r, and shares of the bound against n."""
    kinds = without_options(rows["responses"])
    parts = []
    for kind in NAMES:
        own = rows[kinds == kind]
        for n in dict.fromkeys((own["n"].min(), own["n"].max())):
            found = {e: mean_interval(u, 0.95) for e, u in own[own["n"] == n].groupby("e_r")["utility_test"]}
            parts.append(tidy.points(kind, list(found), list(found.values()), panel="utility", n=n))
        parts.append(tidy.series(kind, own.groupby("e_r")["excess_response"].mean(), panel="responses alone"))
        errors = own.groupby("cell", observed=True)[["e_s", "e_r"]].transform("mean")
        near = own[errors["e_s"] <= errors["e_r"] / 4].assign(share=lambda r: r["utility_test"] / r["bound_two_sided"])
        shares = tidy.means(near, "responses", "share", panel="share of the bound")
        if not shares.empty:
            parts.append(shares.groupby("curve", sort=False).filter(lambda curve: len(curve) > 1))
    return tidy.table(part for part in parts if not part.empty)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `responses`."""
    figure, [[left, right]] = panels.grid(3.3, 1, 2, width_ratios=[1.15, 1])
    for kind, part in panels.of(estimates, "utility").groupby("curve", sort=False):
        for n, own in part.groupby("n"):
            face = {} if n == part["n"].max() else {"markerfacecolor": "white", "linewidth": 0.8}
            panels.curve(left, own, f"{NAMES[str(kind)]}, n = {n:,.0f}", panels.RESPONSE_LOOKS[str(kind)] | face)
        panels.curve(left, panels.of(estimates[estimates["curve"] == kind], "responses alone"), "", style.PREDICTION)
    left.set(xscale="log", xlabel="response error e_r")
    panels.log_values(left, "mean utility U (test)", title="the direction decides the cost")
    panels.legend(left, "upper left", 6.5)
    shares = panels.of(estimates, "share of the bound")
    for kind, part in shares.groupby(without_options(shares["curve"]), sort=False):
        for step, (name, own) in enumerate(part.groupby("curve", sort=False)):
            look = panels.RESPONSE_LOOKS[str(kind)] | style.dashes(step)
            panels.curve(right, own, f"{NAMES[str(kind)]}, e_r = {tidy.option(str(name))}", look)
    panels.log_sizes(right, shares["x"])
    right.set(ylabel="mean of U / bound, where e_s ≤ e_r/4", ylim=(0, 1), title="the bound tightens with n")
    panels.legend(right, "lower right", 6.5)
    return figure
