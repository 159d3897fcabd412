"""Rules about many models at once, about orders that theory reverses, and about the order along a growing response error."""

import numpy as np
import pandas as pd

from experiments.estimators.bounded import bounded_interval
from experiments.estimators.intervals import Interval
from figures.claims.choices import REAL, SYNTHETIC, best_is_chosen, regrets, risks, taus
from figures.claims.pairs import Flags, Pairs, consistent, joined, share
from figures.claims.rules.family import Group, above, below, bracketed, joint, judged, kept_or_flipped, rule
from figures.claims.verdict import Outcome, too_few
from figures.rows import Array, grouped, without_options

Models = tuple[str, ...]


def _tables(rows: pd.DataFrame, models: Models, group: Group, real: str, synthetic: str) -> dict[str, tuple[Array, Array]]:
    """Real and synthetic risks (R, K) of every group at the largest n."""
    largest = rows[rows["n"] == rows["n"].max()]
    return {k: (risks(own, models, real), risks(own, models, synthetic)) for k, own in grouped(largest, group)}


def _tau(values: Array, level: float) -> Interval:
    return bounded_interval(values, -1, 1, level)


def _short(tables: dict[str, tuple[Array, Array]]) -> bool:
    return not tables or any(len(real) < 2 for real, _ in tables.values())


@rule("same_order")
def same_order(
    rows: pd.DataFrame, *, models: Models, least: float, group: Group, level: float, real: str = REAL,
    synthetic: str = SYNTHETIC,
) -> Outcome:  # fmt: skip
    """Holds when at the largest n the interval of mean Kendall's tau, between the orders of all `models` after
    synthetic and after real training, lies above `least` in every group; violated when one lies below.

    Intervals are those of values in [-1, 1], valid for every law of tau (`bounded_interval`).
    """
    tables = _tables(rows, models, group, real, synthetic)
    if _short(tables):
        return too_few("two replicates of every group are needed")
    found = judged({k: taus(*t) for k, t in tables.items()}, level, _tau, lambda _, tau: above(tau, least))
    name, worst = found.worst(lambda _, tau: -tau.low)
    return found.outcome(rows, f"least tau {bracketed(worst, '.2f')} of {len(models)} models ({name})", (worst, least))


@rule("best_chosen")
def best_chosen(
    rows: pd.DataFrame, *, models: Models, threshold: float, group: Group, level: float, real: str = REAL,
    synthetic: str = SYNTHETIC,
) -> Outcome:  # fmt: skip
    """Holds when at the largest n the interval of the probability that the model of least risk after synthetic training
    is the one of least risk after real training lies above `threshold` in every group; violated when one lies below.
    """
    tables = _tables(rows, models, group, real, synthetic)
    if _short(tables):
        return too_few("two replicates of every group are needed")
    chosen = {name: best_is_chosen(*table) for name, table in tables.items()}
    found = judged(chosen, level, share, lambda _, s: above(s, threshold))
    name, worst = found.worst(lambda _, s: -s.value)
    return found.outcome(rows, f"best of {len(models)} chosen with probability at least {bracketed(worst, '.2f')} ({name})")


@rule("regret_below")
def regret_below(
    rows: pd.DataFrame, *, models: Models, guess: str, most: float, group: Group, level: float, real: str = REAL,
    synthetic: str = SYNTHETIC,
) -> Outcome:  # fmt: skip
    """Holds when at the largest n and in every group the interval of the mean regret of choosing by synthetic training
    lies below `most`; violated when one lies above.

    Regret is a share of the advantage of the best model over the model `guess` in the same replicate, after real
    training, and counts as 1 beyond. Intervals are those of values in [0, 1], valid for every law (`bounded_interval`).
    """
    tables = _tables(rows, models, group, real, synthetic)
    guesses = _tables(rows, (guess,), group, real, real)
    if _short(tables) or any(len(guesses[name][0]) != len(table[0]) for name, table in tables.items()):
        return too_few("two replicates of every group, and of the guess, are needed")
    lost = {k: _share_lost(*table, guesses[k][0][:, 0]) for k, table in tables.items()}
    found = judged(lost, level, lambda own, each: bounded_interval(own, 0, 1, each), lambda _, s: below(s, most))
    name, worst = found.worst(lambda _, s: s.high)
    return found.outcome(rows, f"largest regret {bracketed(worst, '.2g')} of the advantage ({name})", (worst, most))


def _share_lost(real: Array, synthetic: Array, guess: Array) -> Array:
    """Regret (R,) over the advantage on the guess, at most 1, from risks (R, K) and (R,)."""
    lost, advantage = regrets(real, synthetic), guess - real.min(axis=1)
    return np.where(lost < advantage, lost / np.where(advantage > 0, advantage, 1.0), lost > 0).astype(float)


@rule("reversed_as_predicted")
def reversed_as_predicted(
    rows: pd.DataFrame, *, pairs: Pairs, group: Group, threshold: float, level: float, limit: str = "limit_exact_responses",
    real: str = REAL, synthetic: str = SYNTHETIC,
) -> Outcome:  # fmt: skip
    """Holds when at the largest n, for every pair of models and group, the interval lies above `threshold` of the
    probability that the pair stands one way round after real and the other after synthetic training, either as
    predicted; violated when one lies below.

    Predicted are the orders of the approximation errors (`class_error`), and of these plus the column `limit`.
    """
    flags = {}
    for models in pairs:
        for name, own in grouped(joined(rows[rows["n"] == rows["n"].max()], *models), group):
            before = own["class_error_1"] - own["class_error_2"]
            after = before + own[f"{limit}_1"] - own[f"{limit}_2"]
            seen_before, seen_after = (own[f"{column}_1"] - own[f"{column}_2"] for column in (real, synthetic))
            turned = seen_before * seen_after < 0
            flags[f"{' / '.join(models)}, {name}"] = np.asarray(turned & (before * seen_before > 0) & (after * seen_after > 0))
    if not flags:
        return too_few("no pair of models has rows here")
    found = judged(flags, level, share, lambda _, s: above(s, threshold))
    name, worst = found.worst(lambda _, s: -s.value)
    return found.outcome(rows, f"reversed as predicted with probability at least {bracketed(worst, '.2f')} ({name})")


@rule("kept_then_flipped")
def kept_then_flipped(
    rows: pd.DataFrame, *, pairs: Pairs, kind: str, marks_of: str, keeps: str, flips: str, before: float, after: float,
    group: Group, threshold: float, level: float, ends: str = "", real: str = REAL, synthetic: str = SYNTHETIC,
) -> Outcome:  # fmt: skip
    """Holds in a group when at the largest n the interval of the probability of a consistent ranking under responses
    `kind` lies above `threshold` at every e_r below `before` times the mark `keeps`, and below 1 - `threshold` at every
    e_r beyond `after` times the mark `flips` (up to the mark `ends` over `after`, if any); violated when one lies on
    the other side of 1/2.

    Marks are columns of the first model that responses `marks_of` of the same group have. The verdict on a group is the
    joint one over its errors.
    """
    rows = rows[rows["n"] == rows["n"].max()]
    flags: dict[str, Flags] = {}
    kept: dict[str, bool] = {}
    of: dict[str, str] = {}
    for models in pairs:
        for name, own in grouped(joined(rows, *models), group):
            kinds = without_options(own["responses"])
            keep, flip, end = (own.loc[kinds == marks_of, f"{m}_1"].max() if m else np.inf for m in (keeps, flips, ends))
            for label, cell in grouped(own[kinds == kind], ["responses"]):
                error = cell["e_r_1"].iloc[0]
                if error < before * keep or after * flip < error < end / after:
                    key = f"{name}, {label}"
                    flags[key], kept[key], of[key] = consistent(cell, real, synthetic), bool(error < before * keep), name
    if set(kept.values()) != {True, False}:
        return too_few("response errors below the first mark and beyond the second are needed")
    found = judged(flags, level, share, lambda key, s: kept_or_flipped(s, kept[key], threshold))
    verdicts = {g: joint({key: v for key, v in found.verdicts.items() if of[key] == g}) for g in dict.fromkeys(of.values())}
    first, last = ([s.value for key, s in found.estimates.items() if kept[key] is early] for early in (True, False))
    reason = f"consistent with probability at least {min(first):.2f} in {len(first)} cells to be kept, "
    reason += f"at most {max(last):.2f} in {len(last)} to be flipped, in {len(verdicts)} groups"
    return Outcome(joint(verdicts), reason, len(rows), found.estimates, {"kept": len(first), "flipped": len(last)}, verdicts)
