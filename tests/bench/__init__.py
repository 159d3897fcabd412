"""Benchmarks: see `__main__`."""

from typing import Any

Result = dict[str, Any]


def result(name: str, ours: float, other: float, target: float | None, unit: str, what: str) -> Result:
    """Return one line of the report; the ratio other/ours is better the larger it is."""
    return {"name": name, "ours": ours, "other": other, "ratio": other / ours, "target": target, "unit": unit, "what": what}
