"""Every (data set, source, model) as a point: feature fidelity as an area under the ROC curve against what training costs."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from experiments.estimators.intervals import Interval, auc_interval, simultaneous_level
from figures.rows import all_gaps, all_lost_shares, comparable, largest


@dataclass(frozen=True)
class Point:
    """One source of one data set and one model trained on it."""

    dataset: str
    source: str
    model: str
    auc: Interval
    lost: Interval
    """The share of the model's advantage over the constant guess that is lost."""
    beyond: Interval
    """The gap minus a given share of the advantage: below 0 where less is lost."""

    @property
    def name(self) -> str:
        """Its name in a reason."""
        return f"{self.dataset}, {self.source}, {self.model}"


def points(rows: pd.DataFrame, level: float, share: float = 0.0) -> list[Point]:
    """Return all points of the largest training tables, their intervals jointly of coverage `level`; `share` as in `beyond`.

    Data sets without the real training table, without another source or without the discriminator's rows have none.
    """
    parts = [p for _, p in largest(rows).groupby("dataset", observed=True, sort=False)]
    parts = [p for p in parts if comparable(p) and (p["model"].isna() & (p["half"] == 1)).any()]
    statements = sum((p["generator"].nunique() - 1) * (p["model"].nunique() + 1) for p in parts)
    return [point for part in parts for point in _of(part, simultaneous_level(max(1, statements), level), share)]


def _of(rows: pd.DataFrame, each: float, share: float) -> Iterator[Point]:
    dataset = str(rows["dataset"].iloc[0])
    areas = {}
    for source, part in rows.groupby("generator", observed=True, sort=False):
        real, synthetic = (part.loc[part["model"].isna() & (part["half"] == half), "loss"] for half in (0, 1))
        areas[str(source)] = auc_interval(real, synthetic, each)
    together = 1 - (1 - each) * (len(areas) - 1) * rows["model"].nunique()
    beyond = all_gaps(rows, together, share)
    for name, lost in all_lost_shares(rows, together).items():
        source, model = name.rsplit(", ", 1)
        yield Point(dataset, source, model, areas[source], lost, beyond[name])
