"""From long rows to the arrays that estimators take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.config import selection
from experiments.config.selection import selects
from experiments.estimators.gaps import paired_gap
from experiments.estimators.half_sampling import STRATA, HalfLosses, strata
from experiments.estimators.intervals import Interval, simultaneous_level

Array = NDArray[np.float64]

AXES = ("learner", "task", "synthetic_law", "responses", "real_law", "generator", "n", "ratio", "m")
"""Labels by which groups are told apart."""


def by_n(rows: pd.DataFrame, group: Sequence[str], column: str, axis: str = "n") -> dict[str, tuple[Array, Array]]:
    """Return for each group the sizes (K,) on `axis` and the values (K, R) of `column`, replicates in the same order.

    A group's name joins the values of its columns with commas. Where an override leaves several values of a further axis in
    a group, that axis is added.
    """
    tables = {}
    for key, part in rows.groupby(_refined(rows, list(group), axis), observed=True, sort=False):
        wide = part.pivot(index=axis, columns="replicate", values=column).sort_index()
        tables[", ".join(map(str, key))] = (wide.index.to_numpy(dtype=float), wide.to_numpy(dtype=float))
    return tables


def _refined(rows: pd.DataFrame, group: list[str], axis: str) -> list[str]:
    """Add axes until every group has one row per size and replicate."""
    for column in AXES:
        if not rows.duplicated([*group, axis, "replicate"]).any():
            break
        if column in rows and column not in group and column != axis and rows[column].nunique() > 1:
            group = [*group, column]
    return group


def matching(rows: pd.DataFrame, where: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows whose columns have the wanted values (the language: experiments/config/selection.py)."""
    keep = np.ones(len(rows), dtype=bool)
    for column, wanted in where.items():
        codes, found = pd.factorize(rows[column])  # few values, many rows: look at each value once
        keep &= np.array([*(selects(wanted, value) for value in found), selects(wanted, None)])[codes]
    return rows[keep]


def without_options(labels: "pd.Series[Any]") -> "pd.Series[str]":
    """Return labels such as `beta(a=2)` without what follows the name: `beta`."""
    return labels.astype(str).map(selection.without_options)


@dataclass(frozen=True)
class Losses:
    """Losses of K models at N test rows: of the fits on the full table, and on the halves of B cuts."""

    models: list[str]
    full: Array
    """(K, N), averaged over the seeds of randomised models."""
    halves: HalfLosses

    def stratum(self, number: int) -> "Losses":
        """Return the losses at the even (0) or the odd (1) test rows, which are in random order."""
        return Losses(self.models, self.full[:, number::STRATA], self.halves.stratum(number))


def gaps(real: Losses, synthetic: Losses, level: float) -> list[Interval]:
    """Return the signed gap of each model after training on two tables, each with an interval of coverage `level`."""
    return [
        paired_gap(before, after, real.halves.spread(w), synthetic.halves.spread(w), level)
        for before, after, w in zip(real.full, synthetic.full, np.eye(len(real.models)))
    ]


def all_gaps(rows: pd.DataFrame, level: float) -> dict[str, Interval]:
    """Return the signed gap of every synthetic source and model, with intervals of joint level `level`."""
    real, synthetic = sources(rows)
    each = simultaneous_level(len(synthetic) * len(real.models), level)
    return {
        f"{source}, {model}": gap
        for source, losses in synthetic.items()
        for model, gap in zip(real.models, gaps(real, losses, each))
    }


def losses(rows: pd.DataFrame) -> Losses:
    """Return the losses of one source of training data as arrays, models and test rows in a fixed order.

    `rows` are condensed (`RealData.condensed`), of one data set, source and size; the discriminator's are left out.
    """
    columns = {name: rows[name].to_numpy() for name in ("cut", "half", "test_row", "loss")}
    codes, labels = pd.factorize(rows["model"])
    names = {str(name): code for code, name in enumerate(labels)}
    models = sorted(names)
    parts = [_of_model({k: v[codes == names[model]] for k, v in columns.items()}) for model in models]
    full = np.stack([full for full, _ in parts])
    return Losses(models, full, HalfLosses(strata(full.shape[1]), np.stack([halves for _, halves in parts])))


def _of_model(own: dict[str, NDArray[Any]]) -> tuple[Array, Array]:
    """Losses (N,) of the full table, and compressed ones (B, S, K + 1) of the halves, of one model."""
    order = np.lexsort((own["test_row"], own["half"], own["cut"]))
    cut, row, loss = (own[name][order] for name in ("cut", "test_row", "loss"))
    halves = loss[cut >= 0]
    return loss[cut < 0], halves.reshape(-1, STRATA, row[cut >= 0].max() + 1)


def sources(rows: pd.DataFrame) -> tuple[Losses, dict[str, Losses]]:
    """Return the losses after real training, and those of every synthetic source by its name."""
    own = rows[["cut", "half", "test_row", "loss", "model"]]
    which, names = pd.factorize(rows["generator"])
    by_source = {str(name): losses(own[which == k]) for k, name in enumerate(names)}
    return by_source.pop("real"), by_source


def comparable(rows: pd.DataFrame) -> bool:
    """Return whether the rows hold the real training table and another source to compare with it."""
    return bool((rows["generator"] == "real").any()) and rows["generator"].nunique() > 1


def largest(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the largest training table of each data set: what claims about real data are about."""
    if rows["n"].nunique() == 1:
        return rows
    return rows[rows["n"] == rows.groupby("dataset", observed=True)["n"].transform("max")]
