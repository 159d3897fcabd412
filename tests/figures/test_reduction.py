"""Fewer rows that show the same."""

import numpy as np
import pandas as pd

from figures import reduction


def measured(replicates: int) -> pd.DataFrame:
    """Replicates of a loop, two generations each; its law is a name, what fell out is missing."""
    table = pd.DataFrame({"replicate": np.repeat(np.arange(replicates), 2), "generation": np.tile([0, 1], replicates)})
    loss = np.random.default_rng(0).standard_normal(len(table))
    return table.assign(law=pd.Categorical(["beta"] * len(table)), loss=loss, n=np.nan)


def test_batches_of_replicates_keep_the_means() -> None:
    rows = measured(3 * reduction.BATCHES)
    fewer = reduction.batched(rows)
    assert len(fewer) == 2 * reduction.BATCHES
    by = [table.groupby("generation")["loss"].mean() for table in (rows, fewer)]
    np.testing.assert_allclose(*by, rtol=1e-12)


def test_few_replicates_stay_as_they_are() -> None:
    rows = measured(reduction.BATCHES)
    pd.testing.assert_frame_equal(reduction.batched(rows), rows)
