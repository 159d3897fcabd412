"""Synthetic data rank models as real data do, wherever real data settle the order."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.rankings import pair_verdict, pairwise
from figures.claims.verdict import HOLDS, INCONCLUSIVE, VIOLATED, Outcome, too_few
from figures.rows import Losses, comparable, largest, sources

COUNTED = ("same order", "flipped", "undecided")


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Violated when a pair of models is settled on both sides in opposite orders; holds when none is and at least
    half of the pairs are settled in the same order.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the measurement `real_data`, the source `real` among them, of one data set; the largest size counts.
    params : Mapping
        `level` (joint, over sources, pairs and both sides).

    Returns
    -------
    Outcome
        Counts of pairs in the same order, flipped and undecided; the pairs are named in the reason.
    """
    rows = largest(rows)
    if not comparable(rows):
        return too_few("the real training table and a synthetic source are needed")
    real, synthetic = sources(rows)
    if len(real.models) < 2:
        return too_few("two models are needed")
    verdicts = compare(real, synthetic, params["level"])
    counts = {name: sum(v == name for v in verdicts.values()) for name in COUNTED}
    named = {name: [pair for pair, v in verdicts.items() if v == name] for name in COUNTED}
    enough = 2 * counts["same order"] >= len(verdicts)
    verdict = VIOLATED if counts["flipped"] else HOLDS if enough else INCONCLUSIVE
    reason = "; ".join(f"{len(pairs)} {name}" + _listed(pairs, name) for name, pairs in named.items())
    return Outcome(verdict, reason, len(rows), {}, counts)


def compare(real: Losses, synthetic: Mapping[str, Losses], level: float) -> dict[str, str]:
    """Return the verdict on every pair of models at every source, at joint level `level`."""
    pairs = len(real.models) * (len(real.models) - 1) // 2
    each = simultaneous_level(pairs * (len(synthetic) + 1), level)
    truth = pairwise(real.full, real.halves, each)
    verdicts = {}
    for source, measured in synthetic.items():
        for (i, j), interval in pairwise(measured.full, measured.halves, each).items():
            first, second = (i, j) if truth[i, j].value <= 0 else (j, i)
            name = f"{source}: {real.models[first]} < {real.models[second]}"
            verdicts[name] = str(pair_verdict(truth[i, j], interval))
    return verdicts


def _listed(pairs: list[str], name: str) -> str:
    return f" ({', '.join(pairs)})" if pairs and name != "same order" else ""
