"""Runs of one experiment side by side: one page of what was measured, verdicts and figures."""

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from experiments.compose import experiments_of
from experiments.store import write_whole
from figures import claims, overlay, style
from figures.drawing import save
from figures.report import TEMPLATES
from figures.variants import Variant, siblings, variants


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
    target = base / "variants" / f"{experiment.replace('/', '-')}.html"
    return page(runs, experiment, target) if len(runs) > 1 else None


def page(runs: Sequence[Variant], experiment: str, target: Path) -> Path:
    """Write the page that lays these runs of an experiment side by side, and its figure beside it; return its path."""
    config = experiments_of([f"experiment={experiment}"])[0].config
    style.apply()
    figure = overlay.draw(runs, config["claims"])
    if figure is not None:
        save(figure, target.with_suffix(""))
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(["html", "jinja"]))
    text = environment.get_template("comparison.html.jinja").render(
        config=config,
        measured="" if figure is None else _image(target.with_suffix(".png")),
        caption=overlay.CAPTION,
        runs=[_shown(run, experiment, target.parent) for run in runs],
        expected=claims.as_expected,
    )
    write_whole(target, text)
    return target


def _shown(run: Variant, experiment: str, start: Path) -> dict[str, Any]:
    """What the template shows of one run; links start from the page's folder."""
    return {
        "label": run.label,
        "command": run.command,
        "claims": {c["id"].rpartition("/")[2]: c for c in run.claims},
        "image": _image(run.folder / "figures" / f"{experiment.replace('/', '-')}.png"),
        "report": Path(os.path.relpath(run.folder / "report.html", start)).as_posix(),
    }


def _image(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode() if path.is_file() else ""
