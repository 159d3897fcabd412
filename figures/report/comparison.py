"""Runs of one experiment side by side: one page of what was measured on common axes, verdicts and figures."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.config.compose import asked, experiments_of, stem
from experiments.config.registry import ConfigError
from experiments.engine.store import write_whole
from figures import panels, style
from figures.claims import records
from figures.claims.verdict import HOLDS, VIOLATED
from figures.report.report import embedded, render, tone
from figures.report.variants import UNMODIFIED, Variant, siblings, variants
from figures.rows import matching

CAPTION = (
    "What each claim is about, against n: the mean over replicates and over the settings that the claim covers, one curve for "
    "each run. Filled circles: the claim holds in that run; crosses: it is violated; open circles: inconclusive at "
    "these sizes. Black: the experiment as shipped."
)
NOT_RUN = "not enough data: no cell of this run"
"""How the reason of a claim begins whose cells are not part of a run."""
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
    shown = _measured(runs, config["claims"])
    judged = {slug for run in runs for slug in _judged(run)}
    values = {
        "config": config,
        "measured": "" if figure is None else embedded(target.with_suffix(".png")),
        "caption": CAPTION,
        "shown": shown,
        "judged": judged,
        "unjudged": [slug for slug in config["claims"] if slug not in judged],
        "runs": [_shown(run, experiment, {slug: config["claims"][slug] for slug in shown}) for run in runs],
        "called": records.called,
        "brief": records.brief,
        "tone": tone,
    }
    write_whole(target, render("comparison.html.jinja", values))
    return target


def _shown(run: Variant, experiment: str, claims: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the template shows of one run, with the estimates of the measured claims."""
    return {
        "label": run.label,
        "command": run.command,
        "claims": _judged(run),
        "estimates": {slug: _last(run, claim) for slug, claim in claims.items()},
        "image": embedded(run.folder / "figures" / f"{stem(experiment)}.png"),
        "report": (run.folder / "report.html").as_posix(),
    }


def _judged(run: Variant) -> dict[str, records.Claim]:
    return {c["id"].rpartition("/")[2]: c for c in run.claims if not c["reason"].startswith(NOT_RUN)}


def draw(runs: Sequence[Variant], claims: Mapping[str, Mapping[str, Any]]) -> Figure | None:
    """Return the figure, None where no claim (by slug, as configured) is about a column that a run has measured.

    Runs without a table, skipped because data are missing, are left out.
    """
    runs = [run for run in runs if "n" in run.cells]
    shown = _measured(runs, claims)
    if not shown:
        return None
    lines = -(-len(shown) // COLUMNS)
    figure, axes = panels.grid(0.6 + 2.2 * lines, lines, min(COLUMNS, len(shown)))
    for ax, slug in zip(axes.ravel(), shown):
        _panel(ax, slug, claims[slug], runs)
    for ax in axes.ravel()[len(shown) :]:
        ax.set_axis_off()
    longest = max(len(run.label) for run in runs)
    panels.legend_below(figure, axes[0, 0], max(1, min(4, 110 // (8 + longest))))
    return figure


def _measured(runs: Sequence[Variant], claims: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the claims about one column, not about a bound on it, of which some run has cells."""
    about = {slug: claim for slug, claim in claims.items() if "bound" not in claim["params"] and "column" in claim["params"]}
    return [slug for slug, claim in about.items() if any(len(_means(run, claim)) for run in runs)]


def _means(run: Variant, claim: Mapping[str, Any]) -> "pd.Series[float]":
    """What a claim is about at every n of a run, the mean over the settings it covers; empty where it was not run."""
    column = claim["params"]["column"]
    if not {"n", column, *claim["where"]} <= set(run.cells):
        return pd.Series(dtype=float)
    return matching(run.cells, claim["where"]).groupby("n")[column].mean().dropna()


def _last(run: Variant, claim: Mapping[str, Any]) -> str:
    means = _means(run, claim)
    return f"{means.iloc[-1]:.4g} (n = {means.index[-1]:,.0f})" if len(means) else "not run"


def _panel(ax: Axes, slug: str, claim: Mapping[str, Any], runs: Sequence[Variant]) -> None:
    values: list[float] = []
    for step, run in enumerate(runs):
        colour = "black" if run.label == UNMODIFIED else style.ladder(step, len(runs))["color"]
        means = _means(run, claim)
        verdict = next((c["verdict"] for c in run.claims if c["id"].endswith(f"/{slug}")), "")
        face = colour if verdict in (HOLDS, VIOLATED) else "white"
        marker = "x" if verdict == VIOLATED else "o"
        look: style.Look = {"color": colour, "marker": marker, "markerfacecolor": face} | style.dashes(step)
        ax.plot(means.index, means, label=run.label, **look)
        values += list(means)
    panels.log_sizes(ax, np.concatenate([run.cells["n"] for run in runs]), "n")
    if min(values, default=0) > 0:
        panels.log_values(ax, "")
    if absent := sum(not len(_means(run, claim)) for run in runs):
        ax.set_xlabel(f"n (not run in {absent} of {len(runs)})")
    ax.set_ylabel(f"mean {claim['params']['column'].replace('_', ' ')}")
    title = slug + (" (control)" if claim["kind"] == "control" else "")
    ax.set_title("\n".join(textwrap.wrap(title, 20)))
