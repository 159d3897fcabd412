"""The highest of many straight lines, at many places at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.checks import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class UpperEnvelope:
    """t ↦ max_i (intercept_i + slope_i t): convex, piecewise linear.

    Only lines whose points (slope, intercept) are corners of the concave hull are ever highest, and line i hands over
    to the next at t = −(change of intercept)/(change of slope). `slopes` and `intercepts` (h,) are those of the lines
    that are highest somewhere, slopes increasing, `index` (h,) their places among the lines given.
    """

    slopes: FloatArray
    intercepts: FloatArray
    index: IntArray

    @classmethod
    def of_lines(cls, slopes: FloatArray, intercepts: FloatArray) -> UpperEnvelope:
        """Keep the lines that matter, of n lines with finite slopes and intercepts in any order."""
        index = concave_hull(slopes, intercepts)
        return cls(slopes[index], intercepts[index], index)

    @property
    def breaks(self) -> FloatArray:
        """Non-decreasing places, shape (h − 1,), where one line hands over to the next."""
        # Rounding may reverse two corners that nearly coincide.
        return np.maximum.accumulate(-np.diff(self.intercepts) / np.diff(self.slopes))

    def highest(self, t: FloatArray) -> IntArray:
        """Place of a highest line in `slopes`, `intercepts` and `index`, at each t, plus and minus infinity included."""
        return np.asarray(np.searchsorted(self.breaks, t))

    def value(self, t: FloatArray) -> FloatArray:
        """Height max_i (intercept_i + slope_i t) of the highest line, at finite t."""
        best = self.highest(t)
        return self.intercepts[best] + self.slopes[best] * t


def concave_hull(x: FloatArray, y: FloatArray) -> IntArray:
    """Places, x increasing, of the corners of the least concave function above n finite points in any order."""
    order = np.lexsort((y, x))
    # Of points above each other only the highest, the last one here, can matter.
    index = order[np.append(np.diff(x[order]) > 0, True)]
    index = index[_thinned(x[index], y[index])]
    return np.asarray(index[_hull(x[index].tolist(), y[index].tolist())])


def _thinned(x: FloatArray, y: FloatArray) -> IntArray:
    """Drop points below the chord of their neighbours, again and again while that drops many of them.

    Such a point is below the hull whether its neighbours stay or not. This spares the chain below most of its steps.
    """
    index = np.arange(x.size)
    while index.size > 64:
        u, v = x[index], y[index]
        chord = v[:-2] + (v[2:] - v[:-2]) * ((u[1:-1] - u[:-2]) / (u[2:] - u[:-2]))
        keep = np.concatenate([[True], v[1:-1] >= chord, [True]])
        if np.count_nonzero(keep) > 0.95 * index.size:
            break
        index = index[keep]
    return index


def _hull(x: list[float], y: list[float]) -> list[int]:
    """Corners of the upper concave hull of points with increasing x (Andrew's chain)."""
    corners: list[int] = []
    for i in range(len(x)):
        while len(corners) > 1:
            a, b = corners[-2], corners[-1]
            if (y[b] - y[a]) * (x[i] - x[b]) > (y[i] - y[b]) * (x[b] - x[a]):
                break
            corners.pop()
        corners.append(i)
    return corners
