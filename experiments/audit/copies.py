"""Rows of the synthetic table that are copies of real rows, against what chance gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.audit.encoding import Problem
from experiments.estimators.intervals import Interval, wilson


@dataclass(frozen=True)
class Copies:
    """How many synthetic rows equal a real one in every column.

    Parameters
    ----------
    of_training, of_test : int
        Synthetic rows that equal a real training or test row.
    rows : int
        Synthetic rows.
    share : Interval
        Share of synthetic rows that equal a real row of either kind.
    by_chance : Interval
        Share of real test rows that equal a real training row: what fresh real data would show.
    doubled : int
        Synthetic rows that equal an earlier synthetic row.
    """

    of_training: int
    of_test: int
    rows: int
    share: Interval
    by_chance: Interval
    doubled: int

    @property
    def suspicious(self) -> bool:
        """Whether there are clearly more copies than chance gives."""
        return self.share.low > self.by_chance.high


def count_copies(problem: Problem) -> Copies:
    """Count copies by digests of whole rows, target included."""
    real, synthetic, test = (table.digests() for table in (problem.real, problem.synthetic, problem.test))
    of_training, of_test = np.isin(synthetic, real), np.isin(synthetic, test)
    return Copies(
        of_training=int(of_training.sum()),
        of_test=int(of_test.sum()),
        rows=len(synthetic),
        share=wilson(int((of_training | of_test).sum()), len(synthetic)),
        by_chance=wilson(int(np.isin(test, real).sum()), len(test)),
        doubled=len(synthetic) - len(np.unique(synthetic)),
    )
