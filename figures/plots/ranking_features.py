"""The order of models under different features: probability of a consistent ranking, and its a priori bound."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style, tidy
from figures.claims.pairs import consistent, joined, share

caption = panels.caption(
    "First three columns: probability that synthetic data rank the wrong class and nearest neighbours as real data do "
    "(risks on an independent real test set, 95% intervals) against n = m, by law of features, for a large, a medium and a "
    "small gap (in brackets). Top: responses fitted on the real sample, bottom: exact ones. With a large or medium gap every "
    "covered law ends at 1, black where laws are equal; grey crosses, the law that never sees most features (the near miss), "
    "do not. With a small gap the models cross on the way, and the order comes with more data. Last column: upper ends of 95% "
    "intervals of P(inconsistent) against the a priori bound, which has seen no response: never above it (shaded). Grey "
    "crosses: responses in the worst direction, under the bound that takes them for exact (the near miss)."
)
GAPS = {"linear": "large gap", "quadratic": "medium gap", "cubic": "small gap"}
NEAR_MISS = "middle_only"
RESPONSES = {"fitted": "fitted responses", "oracle": "exact responses"}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rankings of each wrong class against nearest neighbours by law and n, and how rare they are against the bound."""
    parts = []
    for wrong in GAPS:
        for (kind, law), part in joined(rows, wrong, "knn").groupby(["responses", "synthetic_law"], observed=True, sort=False):
            told = {"wrong_class": wrong, "class_error": part["class_error_1"].iloc[0], "responses": kind, "law": law}
            if kind in RESPONSES:
                parts.append(tidy.rankings(part, str(law), panel="ranking", **told))
            bound = "bound_lipschitz_2" if kind in RESPONSES else "bound_lipschitz_exact_2"
            for _, cell in part.groupby("n"):
                x = cell[bound].mean() / cell["class_error_1"].iloc[0]
                if x < 1 and law != "uniform":
                    rare = share(~consistent(cell, "excess_real", "excess_synthetic"), 0.95)
                    control = int(kind not in RESPONSES)
                    parts.append(tidy.points(wrong, [x], [rare], panel="prior", control=control, **told))
    return tidy.table(parts)


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `ranking_features`."""
    figure, axes = panels.grid(4.9, 2, 4)
    ranking, prior = panels.of(estimates, "ranking"), panels.of(estimates, "prior")
    ranking = ranking.assign(name=ranking["curve"].map(panels.law))
    names = [name for name in ranking["curve"].unique() if name not in ("uniform", NEAR_MISS)]
    rungs = style.rungs(names)
    looks = {name: rungs(name) | {"markersize": 3} for name in names} | {NEAR_MISS: style.CONTROL, "uniform": style.REFERENCE}
    for (kind, called), line in zip(RESPONSES.items(), axes):
        for ax, (wrong, gap) in zip(line, GAPS.items()):
            part = ranking[(ranking["wrong_class"] == wrong) & (ranking["responses"] == kind)]
            if part.empty:
                continue
            panels.curves(ax, part, "{name}", looks.__getitem__)
            panels.log_sizes(ax, part["x"], "n = m" if ax in axes[-1] else "", ylim=(-0.06, 1.06))
            ax.tick_params(axis="x", labelrotation=90)
            if ax in axes[0]:
                ax.set_title(f"{gap}\n({part['class_error'].iloc[0]:.3f})")
            if ax is line[0]:
                ax.set_ylabel(f"{called}\nP(ranked as on real data)")
        _draw_bound(line[-1], prior[prior["responses"].isin([kind, "worst"])])
    axes[0, -1].set_title("rarer than the\nbound says")
    axes[-1, -1].set_xlabel("a priori bound")
    panels.legend_below(figure, axes[0, 0])
    panels.headline(figure, "A gap keeps the order of models under different features; a small one needs more rows")
    return figure


def _draw_bound(ax: Axes, part: pd.DataFrame) -> None:
    """How rare inconsistent rankings are against their bound; above the diagonal it would be broken."""
    for control, own in part.groupby("control"):
        look = style.CONTROL if control else {"color": style.KEPT["color"], "marker": "."}
        ax.plot(own["x"], own["high"], **look | {"linestyle": "none"})
    ax.fill_between([0.02, 1.1], [0.02, 1.1], 1.3, **style.FORBIDDEN)
    ax.text(0.025, 0.3, "bound broken", fontsize=8)
    ax.set(xscale="log", xlim=(0.02, 1.1))
    ax.set_xticks([0.1, 1], ["0.1", "1"])
    panels.log_values(ax, "P(other order), upper end", ylim=(0.005, 1.3))
