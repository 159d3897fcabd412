import numpy as np
import pytest

from theory import PairedMeasure


def test_weights_are_normalised_and_empty_nodes_dropped():
    pair = PairedMeasure([1.0, 2.0, 3.0], [1.0, 3.0, 0.0], [1.0, 1.0, 0.0])
    np.testing.assert_array_equal(pair.nodes, [[1.0], [2.0]])
    np.testing.assert_array_equal(pair.p, [0.25, 0.75])
    np.testing.assert_array_equal(pair.ratio, [0.5, 1.5])
    np.testing.assert_allclose(pair.norm_p([[1.0, 1.0], [2.0, 0.0]]), [1.0, 1.0])


@pytest.mark.parametrize("p", [[-1.0, 2.0], [0.0, 0.0], [np.nan, 1.0], [1.0]])
def test_bad_weights_are_refused(p):
    with pytest.raises(ValueError, match="p"):
        PairedMeasure([0.0, 1.0], p, [1.0, 1.0])
