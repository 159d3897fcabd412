"""The order of models under different features: probability of a consistent ranking, and its a priori bound."""

import pandas as pd
from matplotlib.figure import Figure

from figures import panels, style, tidy
from figures.claims.pairs import consistent, joined, share

caption = panels.caption(
    "First three columns: probability that synthetic data rank the wrong class and nearest neighbours as real data do "
    "(risks on an independent real test set), by law (down) and n = m (across), for a large, a medium and a small gap; "
    "black is 1, lower values in figures. Top: responses fitted on the real sample, bottom: exact ones. With a large or "
    "medium gap every covered law ends in black; the last row, the law that never sees most features (the near miss), does "
    "not. Last column: upper ends of 95% intervals of P(inconsistent) against the a priori bound, which has seen no "
    "response: below the line in every cell. Crosses: responses in the worst direction, under the bound that takes them for"
    " exact (the near miss)."
)
GAPS = {"linear": "large gap", "quadratic": "medium gap", "cubic": "small gap"}
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
    figure, axes = panels.grid(4.0, 2, 4, width_ratios=[1, 1, 1, 1.1])
    ranking, prior = panels.of(estimates, "ranking"), panels.of(estimates, "prior")
    for (kind, called), line in zip(RESPONSES.items(), axes):
        for ax, (wrong, gap) in zip(line, GAPS.items()):
            part = ranking[(ranking["wrong_class"] == wrong) & (ranking["responses"] == kind)]
            if part.empty:
                continue
            title = f"{gap}\n({wrong}, {part['class_error'].iloc[0]:.3f})"
            panels.matrix(ax, part, title, lambda law: law.replace("_", " "))
            if ax is line[0]:
                ax.set_ylabel(called)
            else:
                ax.set_yticks([])
        ax = line[-1]
        for (wrong, control), own in prior[prior["responses"].isin([kind, "worst"])].groupby(["curve", "control"]):
            look = {"color": "black", "marker": "x"} if control else style.look(str(wrong))
            ax.plot(own["x"], own["high"], linestyle="none", label="" if control else f"{wrong}", **(look | {"markersize": 3}))
        ax.plot([0.01, 1], [0.01, 1], color="0.3", linewidth=0.8)
        ax.set(xscale="log", xlabel="a priori bound", xlim=(0.02, 1.1), ylim=(0.005, 1.3))
        panels.log_values(ax, "P(inconsistent), upper end", title="rarer than\nthe bound")
        panels.legend(ax, "lower right", 6)
    return figure
