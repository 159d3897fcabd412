"""The order of two models over gap and response error, worst and smooth errors side by side, with the predicted borders."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from figures import panels, style, tidy
from figures.claims.choices import REAL, SYNTHETIC
from figures.claims.pairs import consistent, joined, share
from figures.rows import Array, grouped, without_options

caption = panels.caption(
    "Probability that synthetic data rank a linear class and nearest neighbours as real data do (n = m = {n:,.0f}), "
    "for every gap between them (the approximation error of the linear class) and every size e_r of the response "
    "error. Left: errors in the worst direction; the order is kept below δ* and flipped beyond δ°. Right: smooth "
    "errors of the same sizes (a cosine) keep it far beyond, up to a border of their own. All lines were computed "
    "from laws, task and class before any data."
)
SHADES = LinearSegmentedColormap.from_list("kept", ["#f6cfae", "white", style.KEPT["color"]])
MARKS = {"tolerance": "δ*", "flip": "δ°", "flip_smooth": "predicted border"}
TITLES = {"worst": "worst errors flip the order beyond δ°", "biased": "smooth errors keep it far beyond"}


def estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the probability of a consistent ranking against e_r for every gap and direction, and the predicted borders."""
    pair = joined(rows[rows["n"] == rows["n"].max()], "linear", "knn")
    parts = []
    for _, own in grouped(pair, ["task"]):
        gap = float(own["class_error_1"].iloc[0])
        for kind, cells in grouped(own, [without_options(own["responses"]).rename("kind")]):
            sized = [c for _, c in grouped(cells, ["responses"])]
            found = [(c["e_r_1"].iloc[0], share(consistent(c, REAL, SYNTHETIC), 0.95)) for c in sized]
            parts.append(tidy.points(kind, [e for e, _ in found], [s for _, s in found], panel="cell", gap=gap))
        parts += [tidy.values(m, [gap], [own[f"{m}_1"].max()], panel="border") for m in MARKS if own[f"{m}_1"].notna().any()]
    return tidy.table(parts).assign(n=pair["n"].max())


def draw(estimates: pd.DataFrame) -> Figure:
    """Return the figure of the experiment `phase_diagram`."""
    figure, [axes] = panels.grid(3.3, 1, 2, sharex=True, sharey=True)
    borders = panels.of(estimates, "border")
    for ax, (kind, title) in zip(axes, TITLES.items()):
        cells = panels.of(estimates, "cell")
        cells = cells[cells["curve"] == kind]
        table = cells.assign(x=cells["x"].round(9)).pivot(index="x", columns="gap", values="value")
        if table.empty:
            continue
        gaps, errors = (_edges(np.asarray(axis, dtype=float)) for axis in (table.columns, table.index))
        shades = ax.pcolormesh(gaps, errors, table.to_numpy(), cmap=SHADES, vmin=0, vmax=1, edgecolors="w", linewidth=0.2)
        for mark in MARKS:
            if kind == "biased" or mark != "flip_smooth":
                _border(ax, borders[borders["curve"] == mark], mark, kind, float(errors[-1]))
        ax.set(xscale="log", yscale="log", xlim=gaps[[0, -1]], ylim=errors[[0, -1]], title=title)
        ax.set_xlabel("gap: approximation error of the linear class")
        ax.grid(False)
        ax.text(0.75, 0.12, "order kept", transform=ax.transAxes, ha="center", color="white", fontsize=10, weight="bold")
        if kind == "worst":
            ax.text(0.25, 0.88, "flipped", transform=ax.transAxes, ha="center", fontsize=10, weight="bold")
        ax.set_xticks([0.1, 0.2, 0.3], ["0.1", "0.2", "0.3"])
        ax.set_yticks([0.05, 0.1, 0.2, 0.4], ["0.05", "0.1", "0.2", "0.4"])
        ax.minorticks_off()
    axes[0].set_ylabel("size of the response error e_r")
    figure.colorbar(shades, ax=axes, label="P(ranked as on real data)", pad=0.02)
    return figure


def _edges(centres: Array) -> Array:
    """Borders of cells around increasing positive centres, halfway on a logarithmic axis."""
    logs = np.log(centres)
    step = np.diff(logs) / 2 if len(logs) > 1 else np.array([0.2])
    return np.asarray(np.exp(np.concatenate([[logs[0] - step[0]], logs[:-1] + np.diff(logs) / 2, [logs[-1] + step[-1]]])))


def _border(ax: Axes, part: pd.DataFrame, mark: str, kind: str, top: float) -> None:
    """One predicted border, named beside its line."""
    part = part[np.isfinite(part["value"])].sort_values("x")
    if part.empty:
        return
    own = (mark == "flip_smooth") == (kind == "biased")
    dashes = {"tolerance": "--", "flip": "-", "flip_smooth": "-"}[mark]
    ax.plot(part["x"], part["value"], linestyle=dashes, color="black" if own else "0.85", linewidth=2 if own else 1.2)
    inside = part[part["value"] < 0.9 * top]
    if own and not inside.empty:
        at = inside.iloc[len(inside) // 2]
        shift = (5, -9) if mark == "tolerance" else (-5, 5) if mark == "flip" else (8, -14)
        align = "right" if mark == "flip" else "left"
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.8}
        point, points = (float(at["x"]), float(at["value"])), "offset points"
        ax.annotate(MARKS[mark], point, shift, textcoords=points, ha=align, fontsize=8, bbox=box, color="black")
