"""From long rows to the arrays that estimators take."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.config import selection
from experiments.config.selection import selects
from experiments.estimators.gaps import paired_gap
from experiments.estimators.half_sampling import HalfLosses
from experiments.estimators.intervals import Interval, simultaneous_level
from experiments.measurements.real_data import CONSTANT, FULL, HELD_OUT

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


def grouped(rows: pd.DataFrame, group: Sequence[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the rows of each group, by its name, which joins the values of its columns with commas."""
    for key, part in rows.groupby(list(group), observed=True, sort=False):
        yield ", ".join(map(str, key)), part


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
    held_out: Array
    """(K, H), of the fits on the full table, at H synthetic rows held out; H = 0 where there are none."""
    constant: Array
    """(N,), of the constant guess."""


def gaps(real: Losses, synthetic: Losses, level: float, share: float = 0.0) -> list[Interval]:
    """Return the signed gap of each model after training on two tables, each with an interval of coverage `level`.

    With `share`, the gap minus this share of the model's advantage over the constant guess: (risk after synthetic training -
    risk after real training) - share (risk of the constant guess - risk after real training).
    """
    return [
        paired_gap(
            (1 - share) * before + share * real.constant if share else before,
            after,
            real.halves.spread(w).scaled(1 - share),
            synthetic.halves.spread(w),
            level,
        )
        for before, after, w in zip(real.full, synthetic.full, np.eye(len(real.models)))
    ]


def lost_shares(real: Losses, synthetic: Losses, level: float) -> list[Interval]:
    """Return for each model the share of its advantage over the constant guess that synthetic training loses.

    The interval of coverage `level` is that of the gap minus the estimated share of the advantage, over the advantage (delta
    method); the whole line where the advantage is not significantly above 0.
    """
    found = []
    for before, after, w in zip(real.full, synthetic.full, np.eye(len(real.models))):
        own, other = real.halves.spread(w), synthetic.halves.spread(w)
        advantage = paired_gap(before, real.constant, own, own.scaled(0), level)
        if advantage.low <= 0:
            found.append(Interval(0.0, -np.inf, np.inf, level))
            continue
        share = float(np.mean(after - before)) / advantage.value
        reference = (1 - share) * before + share * real.constant
        reach = paired_gap(reference, after, own.scaled(1 - share), other, level).half_width / advantage.value
        found.append(Interval(share, share - reach, share + reach, level))
    return found


def lost_share_difference(real: Losses, synthetic: Losses, first: str, second: str, level: float) -> Interval:
    """Return the share of its advantage that one model loses minus that of a second one, with an interval (delta method).

    Both are trained on the same tables and their halves, so that the losses are combined before they are compared. The whole
    line where an advantage is not significantly above 0.
    """
    shares, which = lost_shares(real, synthetic, level), [real.models.index(name) for name in (first, second)]
    if not all(np.isfinite(shares[k].low) for k in which):
        return Interval(0.0, -np.inf, np.inf, level)
    before, after, weights, kept = 0.0, 0.0, np.zeros(len(shares)), np.zeros(len(shares))
    for k, sign in zip(which, (1, -1)):
        weights[k] = sign / np.mean(real.constant - real.full[k])
        kept[k] = (1 - shares[k].value) * weights[k]
        before = before + kept[k] * real.full[k] + (weights[k] - kept[k]) * real.constant
        after = after + weights[k] * synthetic.full[k]
    reach = paired_gap(before, after, real.halves.spread(kept), synthetic.halves.spread(weights), level).half_width
    value = shares[which[0]].value - shares[which[1]].value
    return Interval(value, value - reach, value + reach, level)


def all_gaps(rows: pd.DataFrame, level: float, share: float = 0.0) -> dict[str, Interval]:
    """Return the signed gap (`gaps`) of every synthetic source and model, with intervals of joint level `level`."""
    return _of_every_source(rows, level, lambda real, own, each: gaps(real, own, each, share))


def all_lost_shares(rows: pd.DataFrame, level: float) -> dict[str, Interval]:
    """Return the share of its advantage that every model loses at every synthetic source, with intervals of joint level."""
    return _of_every_source(rows, level, lost_shares)


def _of_every_source(
    rows: pd.DataFrame, level: float, estimator: Callable[[Losses, Losses, float], list[Interval]]
) -> dict[str, Interval]:
    real, synthetic = sources(rows)
    each = simultaneous_level(len(synthetic) * len(real.models), level)
    return {
        f"{source}, {model}": found
        for source, losses in synthetic.items()
        for model, found in zip(real.models, estimator(real, losses, each))
    }


def losses(rows: pd.DataFrame) -> Losses:
    """Return the losses of one source of training data as arrays, models and test rows in a fixed order.

    `rows` are condensed (`RealData.condensed`), of one data set, source and size.
    """
    columns = {name: rows[name].to_numpy() for name in ("cut", "half", "test_row", "loss")}
    codes, labels = pd.factorize(rows["model"])
    names = {str(name): code for code, name in enumerate(labels)}
    models = sorted(names)
    parts = [_of_model({k: v[codes == names[model]] for k, v in columns.items()}) for model in models]
    full, halves, held_out = (np.stack(part) for part in zip(*parts))
    constant = columns["loss"][(codes < 0) & (columns["half"] == CONSTANT)]
    return Losses(models, full, HalfLosses(full.shape[1], halves), held_out, constant)


def _of_model(own: dict[str, NDArray[Any]]) -> tuple[Array, Array, Array]:
    """Losses (N,) of the full table, compressed ones (B, K + 1) of the halves, and (H,) at held-out rows, of one model."""
    order = np.lexsort((own["test_row"], own["cut"]))
    cut, row, loss = (own[name][order] for name in ("cut", "test_row", "loss"))
    halves = loss[cut >= 0]
    return loss[cut == FULL], halves.reshape(-1, row[cut >= 0].max() + 1), loss[cut == HELD_OUT]


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
