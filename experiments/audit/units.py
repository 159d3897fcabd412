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
QUICK_ROWS = 4_000


@dataclass(frozen=True)
class Unit:
    """One piece of work.

    Parameters
    ----------
    config : dict
        What to do: `kind` and its arguments, plain values. With the data's hash it names the result on disk.
    seconds : float
        Rough cost, for the progress estimate.
    """

    config: dict[str, Any]
    seconds: float


def compute(config: Mapping[str, Any], problem: Problem, extra: Columns | None = None) -> Columns:
    """Do one unit of work.

    Parameters
    ----------
    config : mapping
        A unit's `config`.
    problem : Problem
        The arrays.
    extra : dict of arrays, optional
        Results of earlier units that this one needs.

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
    units = []
    for model in ["guess", *models]:
        for table, rows in sizes.items():
            seconds = 0.01 if model == "guess" else CATALOGUE[model].seconds * rows / 10_000 * (0.5 + columns / 30)
            seeds = 1 if model == "guess" or repeats == 1 else CATALOGUE[model].seeds
            base = {"model": model, "table": table, "seed": seed}
            units.append(Unit({"kind": "fit", "seeds": seeds} | base, seconds * seeds))
            if repeats > 1 and model != "guess":
                units += [Unit({"kind": "halves", "cut": cut} | base, seconds) for cut in range(repeats)]
    return units


def fidelity_units(columns: int, rows: int, mend: bool, seed: int) -> list[Unit]:
    """Units for fidelity and, last, what causes need; `rows` of both tables; `mend` where formats can be mended."""
    scale = 0.5 + columns / 30
    units = [
        Unit({"kind": "discriminator", "question": question, "seed": seed}, 1.5 * scale * min(rows, 20_000) / 20_000)
        for question in ("features", "joint", "null", *(["mended"] if mend else []))
    ]
    return [*units, Unit({"kind": "weights", "refits": CAUSE_REFITS, "seed": seed}, 2.5 * scale * rows / 50_000)]


def cause_units(models: list[str], columns: int, rows: int, repeats: int, seed: int) -> list[Unit]:
    """Units that ask for the cause of each model's gap: three refits on at most `CAUSE_ROWS` rows, or one quick one."""
    size, refits = (min(rows, CAUSE_ROWS), CAUSE_REFITS) if repeats > 1 else (min(rows, QUICK_ROWS), 1)
    return [
        Unit(
            {"kind": "causes", "model": model, "refit": refit, "rows": size, "seed": seed},
            5 * CATALOGUE[model].seconds * size / 10_000 * (0.5 + columns / 30),
        )
        for model in models
        for refit in range(refits)
    ]
