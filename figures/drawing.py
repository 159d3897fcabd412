"""Draw an experiment's figure when its rows, its style or its code changed, as PNG and PDF without dates."""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
from pathlib import Path
from types import ModuleType

import pandas as pd

from experiments.compose import Experiment, stem
from experiments.fingerprint import of_modules
from experiments.registry import ConfigError, near
from experiments.store import write_whole
from figures import plots


def plot(name: str) -> ModuleType:
    """Return the module of figures/plots that draws the figure `name`: `draw(rows)` and `caption(rows)`."""
    known = [m.name for m in pkgutil.iter_modules(plots.__path__)]
    if name not in known:
        raise ConfigError(f"figure: unknown figure {name!r}{near(name, known)}")
    return importlib.import_module(f"figures.plots.{name}")


def draw(experiment: Experiment, rows: pd.DataFrame) -> None:
    """Write figures/<experiment>.{png,pdf,json} below the experiment's folder, unless they are up to date.

    The json holds the caption and the stamp of what the figure was drawn from.
    """
    if not experiment.config["figure"]:
        return
    module = plot(experiment.config["figure"])
    base = experiment.folder / "figures" / stem(experiment.name)
    stamp = _stamp(rows, module.__name__)
    if _drawn(base) == stamp:
        return
    from figures import style

    style.apply()
    figure = module.draw(rows)
    style.save(figure, base)
    note = {"caption": module.caption(rows), "stamp": stamp}
    write_whole(base.with_suffix(".json"), json.dumps(note, ensure_ascii=False))


def _stamp(rows: pd.DataFrame, module: str) -> str:
    """Digest of the rows and of the code that draws them, comments apart."""
    digest = hashlib.sha256(pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes())
    digest.update(",".join(rows.columns).encode())
    digest.update(of_modules(frozenset([module]), ("theory", "experiments", "figures")).encode())
    return digest.hexdigest()


def _drawn(base: Path) -> str:
    paths = [base.with_suffix(s) for s in (".png", ".pdf", ".json")]
    if not all(p.is_file() for p in paths):
        return ""
    return str(json.loads(paths[2].read_text(encoding="utf-8")).get("stamp", ""))
