"""What several runs of one experiment measured, on common axes: one panel for each claim, one curve for each run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels, style
from figures.claims.verdict import HOLDS, VIOLATED
from figures.report.variants import UNMODIFIED, Variant
from figures.rows import matching

CAPTION = (
    "What each claim is about, against n: the mean over replicates and over the settings that the claim covers, one curve for "
    "each run. Filled circles: the claim holds in that run; crosses: it is violated; open circles: these sizes do not settle "
    "it. Black: the experiment as it is configured."
)
COLUMNS = 3


def draw(runs: Sequence[Variant], claims: Mapping[str, Mapping[str, Any]]) -> Figure | None:
    """Return the figure, None where no claim is about a column measured at several sizes.

    Parameters
    ----------
    runs : sequence of Variant
        The runs, in the order of the legend; those without a table, skipped for want of data, are left out.
    claims : mapping
        The experiment's claims, by slug, as configured.
    """
    runs = [run for run in runs if "n" in run.cells]
    shown = [slug for slug, claim in claims.items() if _measurable(claim, runs)]
    if not shown:
        return None
    rows = -(-len(shown) // COLUMNS)
    figure = Figure(figsize=(style.WIDTH, 0.6 + 2.2 * rows))
    axes = figure.subplots(rows, min(COLUMNS, len(shown)), squeeze=False).ravel()
    for ax, slug in zip(axes, shown):
        _panel(ax, slug, claims[slug], runs)
    for ax in axes[len(shown) :]:
        ax.set_axis_off()
    panels.legend_below(figure, axes[0], 4)
    return figure


def _measurable(claim: Mapping[str, Any], runs: Sequence[Variant]) -> bool:
    """Tell whether a claim is about one column that every run has measured, not about a bound on it."""
    needed = {claim["params"].get("column"), *claim["where"]}
    return "bound" not in claim["params"] and bool(runs) and all(needed <= set(run.cells) for run in runs)


def _panel(ax: Axes, slug: str, claim: Mapping[str, Any], runs: Sequence[Variant]) -> None:
    column, values = claim["params"]["column"], []
    for run, colour in zip(runs, _colours(runs)):
        means = _by_n(run.cells, claim["where"], column)
        verdict = next((c["verdict"] for c in run.claims if c["id"].endswith(f"/{slug}")), "")
        ax.plot(means.index, means, label=run.label, color=colour, **_marker(verdict))
        values += list(means)
    panels.log_sizes(ax, np.unique(np.concatenate([run.cells["n"] for run in runs])), "n")
    if min(values, default=0) > 0:
        panels.log_values(ax, "")
    ax.set_ylabel(f"mean {column.replace('_', ' ')}")
    ax.set_title(slug + (" (control)" if claim["kind"] == "control" else ""))


def _by_n(cells: pd.DataFrame, where: dict[str, object], column: str) -> "pd.Series[float]":
    """Mean of a column over the settings that a claim covers, by n."""
    return matching(cells, where).groupby("n")[column].mean()


def _colours(runs: Sequence[Variant]) -> list[Any]:
    """Black for the unmodified run, the others from dark to light in their order."""
    others = iter(sns.color_palette("viridis", sum(run.label != UNMODIFIED for run in runs)))
    return ["black" if run.label == UNMODIFIED else next(others) for run in runs]


def _marker(verdict: str) -> dict[str, Any]:
    if verdict == VIOLATED:
        return {"marker": "x"}
    return {"marker": "o"} if verdict == HOLDS else {"marker": "o", "markerfacecolor": "white"}
