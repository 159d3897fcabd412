"""Real rows among synthetic ones: risk against the weight of the synthetic rows, predicted and measured; the guarantee."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.estimators.intervals import mean_interval
from figures import panels, style, tidy

caption = panels.caption(
    "Least squares on {n:,.0f} real and {m:,.0f} synthetic rows. First three panels: mean excess risk over that of the real "
    "rows alone (95% intervals) against the weight of a synthetic row, for responses with error e_r; dotted: predicted before "
    "any response is drawn. Diamonds: the predicted best weight (median over tables) and the risk measured there: below 1 for "
    "all features and responses, where at weight 1 it may be far above. Last panel: squared error on real features over that "
    "in the table, the largest of {replicates:,.0f} replicates, against the share ζ of real rows that the weight amounts to; "
    "above the guarantee 1/ζ, shaded, there is none."
)
LAWS = ("uniform", "beta", "uncovered", "first_quarter_only")


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return relative risks by error of the responses, law and weight, with predictions, and largest transfers by law."""
    rows = rows[(rows["n"] == rows["n"].max()) & (rows["m"] == rows["m"].max())]
    error = rows["responses"].astype(str).str.extract(r"e_r=([\d.]+)")[0].astype(float).fillna(0.0)
    rows = rows.assign(error=error, transfer=rows["excess_one"] / rows["error_mixed"])
    told = {"n": rows["n"].iloc[0], "m": rows["m"].iloc[0], "replicates": rows["replicate"].nunique()}
    parts = []
    for kind, panel in (("weight", "risk"), ("multiple", "best")):
        chosen = rows[rows[kind].notna() & ((kind == "weight") | (rows[kind] == 1))]
        for (law, e_r, _), cell in chosen.groupby(["synthetic_law", "error", kind], observed=True, sort=False):
            scale, x = cell["predicted_zero"].mean(), cell["weight_used"].median()
            measured = mean_interval(cell["excess"] / scale, 0.95)
            labels = told | {"error": e_r, "predicted": cell["predicted"].mean() / scale}
            parts.append(tidy.points(str(law), [x], [measured], panel=panel, **labels))
    for (law, _), cell in rows[rows["weight"] > 0].groupby(["synthetic_law", "weight"], observed=True, sort=False):
        parts.append(tidy.values(str(law), [cell["real_share"].iloc[0]], [cell["transfer"].max()], panel="transfer", **told))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `mixing`."""
    risks, errors = panels.of(estimates, "risk"), sorted(panels.of(estimates, "risk")["error"].unique())
    figure, axes = panels.grid(2.5 * (-(-(len(errors) + 1) // 2)) + 0.8, -(-(len(errors) + 1) // 2), 2)
    for ax, e_r in zip(axes.ravel(), errors):
        for law, own in risks[risks["error"] == e_r].groupby("curve", sort=False):
            panels.curve(ax, own, panels.law(style.base(str(law))), _look(law) | {"linestyle": "none"})
            ax.plot(own["x"], own["predicted"], **(style.PREDICTION | {"color": _look(law)["color"]}))
            best = estimates[(estimates["panel"] == "best") & (estimates["error"] == e_r) & (estimates["curve"] == law)]
            look = _look(law) | {"marker": "D", "markersize": 6, "markerfacecolor": "none", "linestyle": "none"}
            ax.plot(best["x"], best["value"], **look)
        ax.axhline(1, **style.BOUND)
        ax.set_xscale("symlog", linthresh=0.02, linscale=0.5)
        ax.set_xlim(-0.002, 1.15 * own["x"].max())
        ax.set_xticks([0, 0.02, 0.1, 0.5, 2], ["0", "0.02", "0.1", "0.5", "2"])
        title = "right responses" if e_r == 0 else f"responses with error e_r = {e_r:g}"
        panels.log_values(ax, "risk / real rows alone", title=title, xlabel="weight of a synthetic row")
    _draw_transfer(axes.ravel()[len(errors)], panels.of(estimates, "transfer"))
    for ax in axes.ravel()[len(errors) + 1 :]:
        ax.set_visible(False)
    panels.legend_below(figure, axes[0, 0], columns=4)
    panels.headline(figure, "A small enough weight on synthetic rows lowers the risk, however bad they are")
    return figure


def _look(law: object) -> style.Look:
    base = style.base(str(law)).partition("(")[0]
    return style.ladder(LAWS.index(base) - 1, len(LAWS) - 1) if base in LAWS[1:] else style.look(base)


def _draw_transfer(ax: Axes, part: pd.DataFrame) -> None:
    panels.curves(ax, part.sort_values("x"), "", _look)
    shares = part["x"].drop_duplicates().sort_values()
    ax.fill_between(shares, 1 / shares, 10, **style.FORBIDDEN)
    ax.text(0.95, 0.9, "guarantee 1/ζ broken", transform=ax.transAxes, ha="right", fontsize=8)
    title = "real rows in the table guarantee the rest"
    panels.log_values(ax, "real error / error in the table", title=title, xlabel="share of real rows ζ", ylim=(0.9, 9))
