"""Every (data set, source, model) as a point: feature fidelity as an area under the ROC curve against the signed gap."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from experiments.estimators.intervals import Interval, auc_interval, exactly, simultaneous_level
from experiments.estimators.rankings import concordance
from figures.rows import all_gaps, comparable, largest

LADDERS = ("epochs", "steps")
"""Options that are training lengths."""


@dataclass(frozen=True)
class Point:
    """One source of one data set and one model trained on it."""

    dataset: str
    source: str
    model: str
    auc: Interval
    gap: Interval

    @property
    def name(self) -> str:
        """Its name in a reason."""
        return f"{self.dataset}, {self.source}, {self.model}"

    @property
    def utility(self) -> Interval:
        """The interval of |gap|."""
        low = max(0.0, self.gap.low, -self.gap.high)
        return Interval(abs(self.gap.value), low, max(abs(self.gap.low), abs(self.gap.high)), self.gap.level)

    @property
    def length(self) -> float | None:
        """The training length of the source's generator, None where it has none."""
        base, _, options = self.source.partition("(")
        found = [o.split("=") for o in options.rstrip(")").split(", ") if o.split("=")[0] in LADDERS]
        return float(found[0][1]) if base and found else None

    @property
    def ladder(self) -> tuple[str, str, str]:
        """Points of one ladder differ by their training length only."""
        return self.dataset, self.source.partition("(")[0], self.model


def points(rows: pd.DataFrame, level: float) -> list[Point]:
    """Return all points of the largest training tables, their intervals jointly of coverage `level`.

    Data sets without the real training table, without another source or without the discriminator's rows have none.
    """
    parts = [p for _, p in largest(rows).groupby("dataset", observed=True, sort=False)]
    parts = [p for p in parts if comparable(p) and p["model"].isna().any()]
    number = sum(p[["generator", "model"]].drop_duplicates().shape[0] for p in parts)
    return [point for part in parts for point in _of(part, simultaneous_level(max(1, number), level))]


def _of(rows: pd.DataFrame, each: float) -> Iterator[Point]:
    dataset = str(rows["dataset"].iloc[0])
    areas = {}
    for source, part in rows.groupby("generator", observed=True, sort=False):
        real, synthetic = (part.loc[part["model"].isna() & (part["half"] == half), "loss"] for half in (0, 1))
        areas[str(source)] = auc_interval(real, synthetic, each)
    sources = len(areas) - 1
    models = rows["model"].nunique()
    for name, gap in all_gaps(rows, 1 - (1 - each) * sources * models).items():
        source, model = name.rsplit(", ", 1)
        yield Point(dataset, source, model, areas[source], gap)


def taus(found: list[Point], level: float) -> dict[str, Interval]:
    """Return Kendall's tau of U with the area, within data sets, and with training length, within ladders.

    The points' intervals must hold jointly at `level`; a pair that they leave open widens the interval of tau.
    """
    pairs = list(combinations(found, 2))
    near = [(a.auc, b.auc, a.utility, b.utility) for a, b in pairs if a.dataset == b.dataset]
    rungs = [
        (exactly(a.length, level), exactly(b.length, level), a.utility, b.utility)
        for a, b in pairs
        if a.ladder == b.ladder and a.length is not None and b.length is not None
    ]
    named = {"tau of U with the area under the curve": near, "tau of U with training length": rungs}
    return {name: concordance(listed, level) for name, listed in named.items() if listed}
