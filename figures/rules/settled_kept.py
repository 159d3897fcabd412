"""The order of models that real data settle is kept by every synthetic source."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.rankings import kendall_tau, pair_verdict, pairwise, simultaneous_level
from figures.outcome import HOLDS, INCONCLUSIVE, VIOLATED, Outcome, too_few
from figures.tables import has_real, largest, sources

FEWEST = 3
"""Pairs that real data must settle for anything to be said."""


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Violated when a pair of models is settled on both sides in opposite orders; holds when none is and at least the
    share `least` of the pairs that real data settle are settled alike by each source, on average over sources.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the measurement `real_data`, the source `real` among them, of one data set; the largest size counts.
    params : Mapping
        `level` (joint, over sources, pairs and both sides), `least`.

    Returns
    -------
    Outcome
        Kendall's tau of each source; counts of pairs settled alike, flipped and open among those that real data settle.
    """
    rows = largest(rows)
    if not has_real(rows):
        return too_few("no real training table to compare with")
    real, synthetic = sources(rows)
    statements = len(real.models) * (len(real.models) - 1) // 2 * (len(synthetic) + 1)
    if not synthetic or statements < 2:
        return too_few("two models and a synthetic source are needed")
    each = simultaneous_level(statements, params["level"])
    truth = pairwise(real.full, real.halves, each)
    settled = [pair for pair, interval in truth.items() if interval.sign]
    found = {source: pairwise(own.full, own.halves, each) for source, own in synthetic.items()}
    verdicts = [(s, p, pair_verdict(truth[p], pairs[p])) for s, pairs in found.items() for p in settled]
    counts = {name: sum(v == name for _, _, v in verdicts) for name in ("same order", "flipped", "undecided")}
    flipped = [f"{s}: {' / '.join(real.models[k] for k in p)}" for s, p, v in verdicts if v == "flipped"]
    taus = {f"tau, {s}": kendall_tau(truth, pairs, params["level"]) for s, pairs in found.items()}
    reason = f"{len(settled)} of {len(truth)} pairs settled on real data; of these {counts['same order']} settled alike, "
    reason += f"{counts['flipped']} flipped, {counts['undecided']} undecided over {len(synthetic)} sources"
    reason += f" ({'; '.join(flipped)})" if flipped else ""
    enough = len(settled) >= FEWEST and counts["same order"] >= params["least"] * len(verdicts)
    verdict = VIOLATED if flipped else HOLDS if enough else INCONCLUSIVE
    return Outcome(verdict, reason, len(rows), taus, counts)
