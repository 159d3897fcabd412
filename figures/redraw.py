"""Draw the published figures again, from the published tables alone, and print the published claims."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.config.compose import asked, experiments_of, stem
from experiments.config.registry import ConfigError, near
from figures.claims import records
from figures.publish import PUBLISHED


def redraw(what: str, words: Sequence[str], source: Path = PUBLISHED) -> int:
    """Write <output>/published/<experiment>.{png,pdf} for every published table and print the claims.

    Parameters
    ----------
    what : str
        `published`.
    words : sequence of str
        `experiment=` restricts, `output=` says where to draw.
    source : Path
        The folder of published results.

    Returns
    -------
    int
        The exit code, 0.

    Raises
    ------
    ConfigError
        For anything else to draw, or when nothing is published.
    """
    if what != "published":
        raise ConfigError(f"draw: expected published, got {what!r}{near(what, ['published'])}")
    drawn = {note["experiment"]: note for note in notes(source)}
    published = records.read(source)
    known = dict.fromkeys([*drawn, *(c["experiment"] for c in published)])
    named = any(w.startswith("experiment=") for w in words)
    chosen = [name for name in known if not named or name in asked(words)]
    if not chosen:
        raise ConfigError("draw: none of this is published; publish finished runs: python run.py publish=paper")
    places = [w for w in words if w.startswith("output=")]
    output = Path(str(experiments_of([f"experiment={chosen[0]}", *places])[0].config["output"])) / "published"
    for name in chosen:
        if name in drawn:
            print(_draw(drawn[name], source, output))
    print(records.table([c for c in published if c["experiment"] in chosen]))
    return 0


def notes(source: Path) -> list[dict[str, Any]]:
    """Return what is published of every figure: experiment, figure, title, caption and what its axes show."""
    paths = [p for p in sorted(source.glob("*.png")) if p.with_suffix(".json").is_file()]
    return [json.loads(p.with_suffix(".json").read_text(encoding="utf-8")) for p in paths]


def _draw(note: dict[str, Any], source: Path, output: Path) -> str:
    """Draw one figure, if its table is published, and say so."""
    # matplotlib loads here, so that mistakes on the command line are answered at once
    from figures import compact, style
    from figures.draw import plot

    name = stem(note["experiment"])
    if not note["tables"]:
        return f"image only, its table is too large to be published: {source / name}.png"
    style.apply()
    style.save(plot(note["figure"]).draw(compact.read(source, note["tables"])), output / name)
    return f"drawn: {output / name}.png"
