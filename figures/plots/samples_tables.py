"""Two columns of real and synthetic tables side by side, coloured by the response."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import style

COLUMNS = {"california": ("longitude", "latitude"), "adult": ("age", "hours-per-week")}
"""The two columns that are shown of each table."""

ACROSS = 6
"""Panels side by side."""

CAPTION = (
    "Above: longitude and latitude of Californian districts, the lighter the more the houses are worth. Below: age and weekly "
    "hours of people, dark who earns more than 50,000 dollars. Real rows first, then those of generators fitted on {n:,} of "
    "them; axes are the real rows' own, rows outside are not shown."
)


def draw(rows: pd.DataFrame) -> Figure:
    """Return one panel for each table and source, for the largest training table."""
    rows = rows[rows["n"] == rows["n"].max()]
    tables = [(d, rows[rows["dataset"] == d]) for d in COLUMNS if (rows["dataset"] == d).any()]
    across = {d: list(part.groupby("generator", observed=True, sort=False)) for d, part in tables}
    lines = {d: -(-len(sources) // ACROSS) for d, sources in across.items()}
    figure = Figure(figsize=(style.WIDTH, 1.3 * sum(lines.values())))
    axes = figure.subplots(sum(lines.values()), ACROSS, squeeze=False)
    start = 0
    for dataset, sources in across.items():
        cells = axes[start : start + lines[dataset]].ravel()
        real = next(part for name, part in sources if name == "real")
        for ax in cells[len(sources) :]:
            ax.set_visible(False)
        for ax, (name, part) in zip(cells, sources):
            _panel(ax, dataset, str(name), part, real)
        for name, say in zip(COLUMNS[dataset], (cells[0].set_xlabel, cells[0].set_ylabel)):
            say(name.replace("-", " "), fontsize=6)
        start += lines[dataset]
    return figure


def caption(rows: pd.DataFrame) -> str:
    """Return the caption."""
    return CAPTION.format(n=int(rows["n"].max()))


def _panel(ax: Axes, dataset: str, name: str, part: pd.DataFrame, real: pd.DataFrame) -> None:
    x, y = (part[f"value_{c}"].to_numpy(dtype=float) for c in COLUMNS[dataset])
    response = part["response"].to_numpy(dtype=float)
    order = np.argsort(response, kind="stable")
    low, high = np.quantile(real["response"].to_numpy(dtype=float), [0.05, 0.95])
    shade = np.clip((response - low) / max(high - low, 1e-9), 0, 1) * 0.9
    colours = 0.9 - shade if dataset == "adult" else shade
    ax.scatter(
        x[order], y[order], c=colours[order], s=1.6, cmap="viridis", vmin=0, vmax=1, linewidths=0, rasterized=True
    )
    ax.set_xlim(*_limits(real[f"value_{COLUMNS[dataset][0]}"]))
    ax.set_ylim(*_limits(real[f"value_{COLUMNS[dataset][1]}"]))
    ax.set_title(name.replace("_", " "), fontsize=6)
    ax.tick_params(labelsize=5.5, pad=0)
    ax.grid(False)


def _limits(values: "pd.Series[float]") -> tuple[float, float]:
    spare = 0.06 * float(values.max() - values.min())
    return float(values.min()) - spare, float(values.max()) + spare
