"""Images are drawn pixel by pixel in their order, in whatever order their columns come."""

import numpy as np
import pandas as pd

from figures.plots import samples

SIDE = 28


def test_columns_in_alphabetical_order_give_the_image() -> None:
    """A vertical stroke stays one; read in alphabetical order its pixels would be strewn."""
    image = np.zeros((SIDE, SIDE))
    image[4:24, 13:15] = 255
    columns = {f"value_pixel_{i}": [v] for i, v in enumerate(image.ravel())}
    rows = pd.DataFrame({"n": [10], "generator": ["real"], "response": [1], **dict(sorted(columns.items()))})
    [drawn] = samples.draw(samples.estimates(rows)).axes[0].images
    np.testing.assert_array_equal(drawn.get_array(), image)
