"""What a response error costs: utility against e_r in the worst and in a smooth direction, and how the bound tightens."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from experiments.estimators.intervals import ratio_interval
from figures import panels, style, tidy
from figures.rows import without_options

caption = panels.caption(
    "Left: mean utility U on an independent real test set against the response error e_r (n = m = {n:,.0f}, 95% intervals),"
    " for an error in the worst direction and a smooth one. Dotted: what the responses alone cost, Φ(μ̃): in the worst "
    "direction it equals the sharp transfer bound T_M(e_r²), so no error of this size costs more. Middle: U in the worst "
    "direction over U in the smooth one, above 1 at every e_r that is judged (not in the shade, where e_s decides); the "
    "cross, where the smooth error exceeds the sup norm of the worst one (the near miss), lies below. Right: mean share of "
    "the two-sided bound that U takes up, in the cells with e_s ≤ e_r/4: it rises with n; grey crosses, a single neighbour,"
    " whose e_s stays (the near miss)."
)
NAMES = {"worst": "worst direction", "biased": "smooth direction"}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return utilities, costs of the responses alone and ratios of utilities against e_r, and shares of the bound against n."""
    rows = rows.assign(kind=without_options(rows["responses"]), share=rows["utility_test"] / rows["bound_two_sided"])
    last, law = rows["n"].max(), rows["synthetic_law"].iloc[0]
    single, rows = rows[rows["learner"] == "nearest_one"], rows[rows["learner"] != "nearest_one"]
    main = rows[rows["synthetic_law"] == law]
    parts = []
    for kind in NAMES:
        own = main[main["kind"] == kind]
        parts.append(tidy.means(own[own["n"] == last], "kind", "utility_test", "e_r", panel="utility"))
        parts.append(tidy.series(kind, own.groupby("e_r")["excess_response"].mean(), panel="responses alone"))
        errors = own.groupby("cell", observed=True)[["e_s", "e_r"]].transform("mean")
        for control, near in enumerate((own[errors["e_s"] <= errors["e_r"] / 4], single[single["kind"] == kind])):
            shares = tidy.means(near, "responses", "share", panel="share of the bound", control=control)
            if not shares.empty:
                parts.append(shares.groupby("curve", sort=False).filter(lambda curve: len(curve) > 1))
    largest = rows[rows["n"] == last].assign(e_r=lambda r: r["e_r"].round(9))
    for other, own in largest.groupby("synthetic_law", observed=True, sort=False):
        tables = {e: part.pivot(index="replicate", columns="kind", values="utility_test") for e, part in own.groupby("e_r")}
        pairs = {e: table[[*NAMES]].to_numpy().T for e, table in tables.items() if {*NAMES} <= {*table}}
        found = {e: ratio_interval(worst, smooth, 0.95) for e, (worst, smooth) in pairs.items()}
        parts.append(tidy.points(str(other), list(found), list(found.values()), panel="ratio", control=int(other != law)))
    return tidy.table(part for part in parts if not part.empty).assign(n=last)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `responses`."""
    figure, [[left, middle, right]] = panels.grid(3.2, 1, 3)
    for kind, part in panels.of(estimates, "utility").groupby("curve", sort=False):
        look, middle_point = panels.RESPONSE_LOOKS[str(kind)], part.iloc[len(part) // 2][["x", "value"]]
        panels.curve(left, part, "", look)
        shift = (-8, 9) if kind == "worst" else (8, -5)
        panels.beside(left, middle_point, NAMES[str(kind)].replace(" ", "\n"), look["color"], shift)
        panels.curve(left, panels.of(estimates[estimates["curve"] == kind], "responses alone"), "", style.PREDICTION)
    panels.log_values(left, "mean utility U (test)", title="what an error costs\ndepends on its direction")
    for control, own in panels.of(estimates, "ratio").groupby("control"):
        panels.curve(middle, own, "", style.CONTROL if control else style.LOST)
        if control:
            panels.beside(middle, own[["x", "value"]].iloc[0], "near miss", style.CONTROL["color"], (-6, 0))
    middle.axhline(1, **style.BOUND)
    middle.axvspan(0.008, 0.025, color="0.9", zorder=0)
    panels.log_values(middle, "U, worst over smooth", title="the worst direction\ncosts more")
    for ax in (left, middle):
        ax.set(xscale="log", xlabel="response error e_r", xlim=(0.008, 1.3))
        ax.xaxis.set_major_formatter(panels.Plain())
        ax.xaxis.set_minor_formatter(NullFormatter())
    shares, ends = panels.of(estimates, "share of the bound"), []
    for kind, part in shares.groupby(without_options(shares["curve"]), sort=False):
        for step, ((control, name), own) in enumerate(part.groupby(["control", "curve"], sort=False)):
            look = style.CONTROL if control else panels.RESPONSE_LOOKS[str(kind)] | style.dashes(step)
            panels.curve(right, own, "", look)
            text = "near miss" if control else f"{kind.replace('biased', 'smooth')}, e_r = {tidy.option(str(name))}"
            ends.append((float(own["value"].iloc[-1]), text, look["color"]))
    panels.log_sizes(right, shares["x"])
    right.set(ylabel="U / bound, where e_s ≤ e_r/4", ylim=(0, 1), title="the bound tightens\nwith more rows")
    panels.name_ends(right, ends)
    return figure
