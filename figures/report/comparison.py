"""Runs of one experiment side by side: one page of what was measured on common axes, verdicts and figures."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.config.compose import asked, experiments_of, stem
from experiments.config.registry import ConfigError
from experiments.engine.store import write_whole
from figures import panels, style
from figures.claims import records
from figures.claims.verdict import HOLDS, VIOLATED
from figures.report.report import embedded, render
from figures.report.variants import UNMODIFIED, Variant, siblings, variants
from figures.rows import matching

CAPTION = (
    "What each claim is about, against n: the mean over replicates and over the settings that the claim covers, one curve for "
    "each run. Filled circles: the claim holds in that run; crosses: it is violated; open circles: inconclusive at "
    "these sizes. Black: the experiment as shipped."
)
COLUMNS = 3


def write(base: Path, experiment: str) -> Path | None:
    """Write variants/<experiment>.html below a budget's folder and return its path; None where fewer than two runs are.

    The folder's own run of the experiment, where there is one, is laid beside the variants.
    """
    runs = variants(siblings(base, experiment), experiment)
    target = base / "variants" / f"{stem(experiment)}.html"
    return page(runs, experiment, target) if len(runs) > 1 else None


def compare(folders: str, words: Sequence[str]) -> int:
    """Lay the runs of one experiment in several folders side by side: print the claims that differ, write the page, return 0.

    `folders` are outputs/<budget> or a variant's, separated by commas. Of the command line, `experiment=` names the
    experiment, `output=` the folder below which compare/<experiment>.html is written. A ConfigError for other than one
    experiment, fewer than two folders, or a folder without a run of the experiment.
    """
    names = asked(words)
    if len(names) != 1:
        raise ConfigError("compare: expected one experiment, as in experiment=convergence")
    [experiment], [name] = experiments_of(words), names
    runs = _runs(folders, name)
    print(changes(runs))
    target = Path(str(experiment.config["output"])) / "compare" / f"{stem(name)}.html"
    print(f"side by side: {page(runs, name, target)}")
    return 0


def _runs(folders: str, experiment: str) -> list[Variant]:
    """Return the runs in these folders, in their order; each must be there."""
    places = list(dict.fromkeys(Path(f) for f in folders.strip("[]").split(",") if f))
    if len(places) < 2:
        raise ConfigError(f"compare: expected two folders, as in compare=outputs/quick,outputs/paper, got {folders!r}")
    found = {run.folder: run for run in variants(places, experiment)}
    for place in places:
        if place not in found:
            raise ConfigError(f"compare: no run of {experiment} in {place}")
    return [found[place] for place in places]


def changes(runs: Sequence[Variant]) -> str:
    """Return the claims whose verdict or evidence is not the same in all runs, as lines for a terminal."""
    entries = [{c["id"]: c for c in run.claims} for run in runs]
    ids = list(dict.fromkeys(i for own in entries for i in own))
    found = [{i: (c["verdict"], c["evidence"]) for i, c in own.items()} for own in entries]
    differ = [i for i in ids if any(own.get(i) != found[0].get(i) for own in found)]
    lines = [f"{len(differ)} of {len(ids)} claims, controls and identities differ"]
    width = max(len(run.label) for run in runs)
    for i in differ:
        lines.append(f"{i} ({next(own[i]['kind'] for own in entries if i in own)})")
        for run, own in zip(runs, entries):
            verdict, reason = (own[i]["verdict"], own[i]["reason"]) if i in own else ("not there", "")
            lines.append(f"  {run.label:<{width}}  {verdict:<13}{records.shortened(reason)}".rstrip())
    return "\n".join(lines)


def page(runs: Sequence[Variant], experiment: str, target: Path) -> Path:
    """Write the page that lays these runs of an experiment side by side, and its figure beside it; return its path."""
    config = experiments_of([f"experiment={experiment}"])[0].config
    style.apply()
    figure = draw(runs, config["claims"])
    if figure is not None:
        style.save(figure, target.with_suffix(""))
    values = {
        "config": config,
        "measured": "" if figure is None else embedded(target.with_suffix(".png")),
        "caption": CAPTION,
        "runs": [_shown(run, experiment, target.parent) for run in runs],
        "expected": records.as_expected,
    }
    write_whole(target, render("comparison.html.jinja", values))
    return target


def _shown(run: Variant, experiment: str, start: Path) -> dict[str, Any]:
    """What the template shows of one run; links start from the page's folder."""
    return {
        "label": run.label,
        "command": run.command,
        "claims": {c["id"].rpartition("/")[2]: c for c in run.claims},
        "image": embedded(run.folder / "figures" / f"{stem(experiment)}.png"),
        "report": Path(os.path.relpath(run.folder / "report.html", start)).as_posix(),
    }


def draw(runs: Sequence[Variant], claims: Mapping[str, Mapping[str, Any]]) -> Figure | None:
    """Return the figure, None where no claim (by slug, as configured) is about a column measured at several sizes.

    Runs without a table, skipped because data are missing, are left out.
    """
    runs = [run for run in runs if "n" in run.cells]
    shown = [slug for slug, claim in claims.items() if _measurable(claim, runs)]
    if not shown:
        return None
    lines = -(-len(shown) // COLUMNS)
    figure, axes = panels.grid(0.6 + 2.2 * lines, lines, min(COLUMNS, len(shown)))
    for ax, slug in zip(axes.ravel(), shown):
        _panel(ax, slug, claims[slug], runs)
    for ax in axes.ravel()[len(shown) :]:
        ax.set_axis_off()
    panels.legend_below(figure, axes[0, 0], 4)
    return figure


def _measurable(claim: Mapping[str, Any], runs: Sequence[Variant]) -> bool:
    """Tell whether a claim is about one column that every run has measured, not about a bound on it."""
    needed = {claim["params"].get("column"), *claim["where"]}
    return "bound" not in claim["params"] and bool(runs) and all(needed <= set(run.cells) for run in runs)


def _panel(ax: Axes, slug: str, claim: Mapping[str, Any], runs: Sequence[Variant]) -> None:
    column, values = claim["params"]["column"], []
    shades = iter(sns.color_palette("viridis", sum(run.label != UNMODIFIED for run in runs)))  # dark to light
    for run in runs:
        colour = "black" if run.label == UNMODIFIED else next(shades)
        means = matching(run.cells, claim["where"]).groupby("n")[column].mean()
        verdict = next((c["verdict"] for c in run.claims if c["id"].endswith(f"/{slug}")), "")
        face = colour if verdict in (HOLDS, VIOLATED) else "white"
        marker = "x" if verdict == VIOLATED else "o"
        ax.plot(means.index, means, label=run.label, color=colour, marker=marker, markerfacecolor=face)
        values += list(means)
    panels.log_sizes(ax, np.concatenate([run.cells["n"] for run in runs]), "n")
    if min(values, default=0) > 0:
        panels.log_values(ax, "")
    ax.set_ylabel(f"mean {column.replace('_', ' ')}")
    ax.set_title(slug + (" (control)" if claim["kind"] == "control" else ""))
