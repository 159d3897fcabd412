"""Runs of one experiment side by side: one page of what was measured, verdicts and figures."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.config.compose import asked, experiments_of, stem
from experiments.config.registry import ConfigError
from experiments.engine.store import write_whole
from figures import style
from figures.claims import records
from figures.report import overlay
from figures.report.pages import embedded, render
from figures.report.variants import Variant, siblings, variants


def write(base: Path, experiment: str) -> Path | None:
    """Write variants/<experiment>.html below a budget's folder and return its path; None where fewer than two runs are.

    Parameters
    ----------
    base : Path
        The budget's folder: its own run of the experiment, where there is one, is laid beside the variants.
    experiment : str
        Its name.
    """
    runs = variants(siblings(base, experiment), experiment)
    target = base / "variants" / f"{stem(experiment)}.html"
    return page(runs, experiment, target) if len(runs) > 1 else None


def compare(folders: str, words: Sequence[str]) -> int:
    """Lay the runs of one experiment in several folders side by side: print the claims that differ, write the page.

    Parameters
    ----------
    folders : str
        Folders of verdicts, outputs/<budget> or a variant's, separated by commas.
    words : sequence of str
        `experiment=` names the experiment, `output=` the folder below which compare/<experiment>.html is written.

    Returns
    -------
    int
        The exit code, 0.

    Raises
    ------
    ConfigError
        For other than one experiment, fewer than two folders, or a folder without a run of the experiment.
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
    differ = [i for i in ids if any(_outcome(own.get(i)) != _outcome(entries[0].get(i)) for own in entries)]
    lines = [f"{len(differ)} of {len(ids)} claims, controls and identities differ"]
    width = max(len(run.label) for run in runs)
    for i in differ:
        lines.append(f"{i} ({next(own[i]['kind'] for own in entries if i in own)})")
        for run, own in zip(runs, entries):
            verdict, reason = (own[i]["verdict"], own[i]["reason"]) if i in own else ("not there", "")
            lines.append(f"  {run.label:<{width}}  {verdict:<13}{records.shortened(reason)}".rstrip())
    return "\n".join(lines)


def _outcome(claim: records.Claim | None) -> Any:
    return claim and (claim["verdict"], claim["evidence"])


def page(runs: Sequence[Variant], experiment: str, target: Path) -> Path:
    """Write the page that lays these runs of an experiment side by side, and its figure beside it; return its path."""
    config = experiments_of([f"experiment={experiment}"])[0].config
    style.apply()
    figure = overlay.draw(runs, config["claims"])
    if figure is not None:
        style.save(figure, target.with_suffix(""))
    told = {
        "config": config,
        "measured": "" if figure is None else embedded(target.with_suffix(".png")),
        "caption": overlay.CAPTION,
        "runs": [_shown(run, experiment, target.parent) for run in runs],
        "expected": records.as_expected,
    }
    write_whole(target, render("comparison.html.jinja", told))
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
