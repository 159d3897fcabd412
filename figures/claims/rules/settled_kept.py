"""The order of models that real data settle is kept by every synthetic source."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from experiments.estimators.intervals import Interval, simultaneous_level
from experiments.estimators.rankings import kendall_tau, pair_verdict, pairwise
from figures.claims.verdict import HOLDS, INCONCLUSIVE, VIOLATED, Outcome, too_few
from figures.rows import Losses, comparable, largest, sources

FEWEST = 3
"""Pairs that real data must settle for anything to be said."""


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Violated when a pair of models is settled on both sides in opposite orders; holds when none is and at least the
    share `least` of the pairs that real data settle are settled alike by each source, on average over sources.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the measurement `real_data`, the source `real` among them, the largest size of each data set counts.
    params : Mapping
        `level` (joint, over sources, pairs and both sides), `least`.

    Returns
    -------
    Outcome
        Kendall's tau of each source; counts of pairs settled alike, flipped and open among those that real data settle.
    """
    found = [(str(d), *sources(part)) for d, part in largest(rows).groupby("dataset", observed=True) if comparable(part)]
    statements = sum(_pairs(real) * (len(synthetic) + 1) for _, real, synthetic in found)
    if statements < 2:
        return too_few("the real training table, a synthetic source and two models are needed")
    parts = [_compared(*each, params["level"], simultaneous_level(statements, params["level"])) for each in found]
    verdicts = [verdict for part in parts for verdict in part.verdicts]
    counts = {name: sum(v == name for _, v in verdicts) for name in ("same order", "flipped", "undecided")}
    counts["settled on real data"] = sum(part.settled for part in parts)
    flipped = [name for name, v in verdicts if v == "flipped"]
    reason = f"{counts['settled on real data']} of {sum(_pairs(r) for _, r, _ in found)} pairs settled on real data; "
    reason += (
        f"by {sum(len(p.taus) for p in parts)} sources {counts['same order']} settled alike, {len(flipped)} flipped, "
    )
    reason += f"{counts['undecided']} undecided" + (f" ({'; '.join(flipped)})" if flipped else "")
    alike = counts["same order"] >= params["least"] * len(verdicts)
    enough = alike and counts["settled on real data"] >= FEWEST
    verdict = VIOLATED if flipped else HOLDS if enough else INCONCLUSIVE
    return Outcome(verdict, reason, len(rows), {k: v for part in parts for k, v in part.taus.items()}, counts)


@dataclass(frozen=True)
class _Compared:
    """One data set: pairs settled on real data, their verdict at every source, and Kendall's tau of every source."""

    settled: int
    verdicts: list[tuple[str, str]]
    taus: dict[str, Interval]


def _compared(dataset: str, real: Losses, synthetic: Mapping[str, Losses], level: float, each: float) -> _Compared:
    truth = pairwise(real.full, real.halves, each)
    settled = [pair for pair, interval in truth.items() if interval.sign]
    found = {f"{dataset}, {source}": pairwise(own.full, own.halves, each) for source, own in synthetic.items()}
    verdicts = [
        (f"{source}: {real.models[i]} / {real.models[j]}", str(pair_verdict(truth[i, j], pairs[i, j])))
        for source, pairs in found.items()
        for i, j in settled
    ]
    return _Compared(len(settled), verdicts, {f"tau, {s}": kendall_tau(truth, p, level) for s, p in found.items()})


def _pairs(losses: Losses) -> int:
    return len(losses.models) * (len(losses.models) - 1) // 2
