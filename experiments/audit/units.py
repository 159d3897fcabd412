"""The audit's units of work: pure functions of a small description and the arrays, one result each on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from experiments.audit.catalogue import CATALOGUE
from experiments.audit.encoding import Problem

Columns = dict[str, NDArray[Any]]

CAUSE_ROWS = 10_000
CAUSE_REFITS = 3
QUICK_ROWS = 2_500
"""Most rows behind causes where `audit.repeats` is 1: one refit, and less power to name a cause than three on more."""


@dataclass(frozen=True, eq=False)
class Unit:
    """One piece of work.

    Parameters
    ----------
    config : dict
        What to do: `kind` and its arguments, plain values. With the data's hash it names the result on disk.
    seconds : float
        Rough cost, for the order of work and the progress estimate.
    stepwise : bool
        Whether it fits a model that is (see `catalogue.Entry`).
    after : Unit, optional
        The unit whose result this one needs.
    """

    config: dict[str, Any]
    seconds: float
    stepwise: bool = False
    after: Unit | None = None


def compute(config: Mapping[str, Any], problem: Problem, extra: Columns | None = None) -> Columns:
    """Do one unit of work.

    Parameters
    ----------
    config : mapping
        A unit's `config`.
    problem : Problem
        The arrays.
    extra : dict of arrays, optional
        Result of the unit that this one comes after.

    Returns
    -------
    dict of arrays
        The result; the same for the same arguments, whatever ran before.
    """
    # Imported here, where the work is done: what only plans and reads results never loads scikit-learn.
    from experiments.audit import causes, discriminator, training

    kind = config["kind"]
    if kind == "fit":
        return {
            "values": training.full_fits(problem, config["model"], config["table"], config["seeds"], config["seed"])
        }
    if kind == "halves":
        return {"values": training.half_fits(problem, config["model"], config["table"], config["cut"], config["seed"])}
    if kind == "discriminator":
        return discriminator.compute(problem, config["question"], config["seed"])
    if kind == "weights":
        return causes.prepare(problem, config["refits"], config["seed"])
    if kind == "causes":
        return causes.compute(problem, extra or {}, config["model"], config["refit"], config["rows"], config["seed"])
    raise ValueError(f"kind: expected a unit of the audit, got {kind!r}")


def training_units(models: list[str], sizes: Mapping[str, int], columns: int, repeats: int, seed: int) -> list[Unit]:
    """Units for utility and ranking: full fits, and `repeats` cuts into halves where there is more than one.

    Parameters
    ----------
    models : list of str
        Names in the catalogue.
    sizes : mapping
        Rows of the `real` and `synthetic` training tables.
    columns : int
        Number of features, for the estimate of time.
    repeats : int
        Number of cuts.
    seed : int
        The audit's seed.
    """
    guesses = [{"kind": "fit", "seeds": 1, "model": "guess", "table": table, "seed": seed} for table in sizes]
    units = [Unit(config, 0.01) for config in guesses]
    for model in models:
        for table, rows in sizes.items():
            seconds, stepwise = _seconds(model, rows, columns), CATALOGUE[model].stepwise
            seeds = 1 if repeats == 1 else CATALOGUE[model].seeds
            base = {"model": model, "table": table, "seed": seed}
            units.append(Unit({"kind": "fit", "seeds": seeds} | base, seconds * seeds, stepwise))
            if repeats > 1:
                units += [Unit({"kind": "halves", "cut": cut} | base, seconds, stepwise) for cut in range(repeats)]
    return units


def _seconds(model: str, rows: int, columns: int) -> float:
    """Rough time of a fit."""
    felt = max(rows, 10_000) if CATALOGUE[model].stepwise else rows
    return CATALOGUE[model].seconds * felt / 10_000 * (0.5 + columns / 30)


def fidelity_units(columns: int, rows: int, mend: bool, seed: int) -> list[Unit]:
    """Units for fidelity and, last, what causes need; `rows` of both tables; `mend` where formats can be mended."""
    scale = 0.5 + columns / 30
    seconds, questions = 1.1 * scale * min(rows, 20_000) / 20_000, ["features", "joint", "null", *["mended"] * mend]
    units = [Unit({"kind": "discriminator", "question": q, "seed": seed}, seconds, stepwise=True) for q in questions]
    weights = {"kind": "weights", "refits": CAUSE_REFITS, "seed": seed}
    return [*units, Unit(weights, 2.5 * scale * rows / 50_000, stepwise=True)]


def cause_units(models: list[str], columns: int, rows: int, repeats: int, seed: int, after: Unit) -> list[Unit]:
    """Units that ask for the cause of each model's gap: three refits on at most `CAUSE_ROWS` rows, or one quick one.

    They come `after` the last of `fidelity_units`.
    """
    size, refits = (min(rows, CAUSE_ROWS), CAUSE_REFITS) if repeats > 1 else (min(rows, QUICK_ROWS), 1)
    return [
        Unit(
            {"kind": "causes", "model": model, "refit": refit, "rows": size, "seed": seed},
            5 * _seconds(model, size, columns),
            CATALOGUE[model].stepwise,
            after,
        )
        for model in models
        for refit in range(refits)
    ]
