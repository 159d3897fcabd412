"""How long cells will take, learned from finished ones: the longest start first, and the progress bar is realistic."""

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from tqdm import tqdm

from experiments.engine.grid import PlannedCell
from experiments.engine.store import DamagedCell, Store

SLOW_AXES = ("learner", "generator", "dataset", "model", "responses")
"""The components whose kind decides the time per row."""
FORMAT = "{desc:<28} {percentage:3.0f}% |{bar:30}| {elapsed} elapsed, {remaining} left"
"""The look of every progress bar."""


class Bar(tqdm):  # type: ignore[misc]  # it has no types
    """A progress bar on stderr; on a terminal its clock goes on between updates."""

    def __init__(self, total: float, title: str, disable: bool = False) -> None:
        """Show the bar; `total` is the work to come, in any unit, `disable` hides it."""
        self._ended, self._clock = threading.Event(), threading.Thread(target=self._tick, daemon=True)
        super().__init__(total=total, desc=title, disable=disable, bar_format=FORMAT, mininterval=0.5)
        if not self.disable and self.fp.isatty():
            self._clock.start()

    def _tick(self) -> None:
        while not self._ended.wait(1):
            self.refresh()

    def close(self) -> None:
        """Stop the clock and leave the line as it is."""
        self._ended.set()
        if self._clock.is_alive():
            self._clock.join()
        super().close()


def expected_seconds(cells: Sequence[PlannedCell], store: Store) -> dict[str, float]:
    """Return the expected seconds of each cell by its key; before any cell is finished only their ratios mean anything.

    Seconds per unit of work (replicates times rows) are the median over finished cells of the same measurement and the
    same kinds of learner, generator and data; where there is none yet, over those of the same measurement, then over all.
    """
    rates: dict[str, list[float]] = defaultdict(list)
    for config, seconds in finished(store):
        for name in _like(config):
            rates[name].append(seconds / work(config))
    typical = {name: median(found) for name, found in rates.items()}
    return {c.key: next((typical[k] for k in _like(c.config) if k in typical), 1e-6) * work(c.config) for c in cells}


def _like(config: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the names under which a cell's rate is looked up, the most similar first."""
    return kind(config), config["measurement"]["kind"], "any"


def finished(store: Store) -> list[tuple[Mapping[str, Any], float]]:
    """Return configuration and seconds of every finished cell of a store."""
    notes = []
    for path in store.root.glob("[!.]*/cell.json"):
        try:
            note = store.note(path.parent.name)
        except DamagedCell:
            continue
        notes.append((note["config"], float(note["provenance"]["seconds"])))
    return notes


def kind(config: Mapping[str, Any]) -> str:
    """Return what decides the time per row: the kinds of measurement, learner, generator and data."""
    names = [config["measurement"]["kind"]]
    for axis in SLOW_AXES:
        spec = config["parts"].get(axis)
        if spec is not None:
            names += [spec["kind"]] if "kind" in spec else sorted(s["kind"] for s in spec.values())
    return "/".join(map(str, names))


def work(config: Mapping[str, Any]) -> float:
    """Return a rough measure of a cell's work: replicates times rows fitted, with a floor for what every cell does."""
    parts = config["parts"]
    return float(config["replicates"] * (parts.get("n", 0) * (1 + parts.get("ratio", 1.0)) + 2000))
