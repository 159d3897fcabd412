"""`make bench`: every side-by-side ratio of tests/bench/bench_*.py, printed and written to outputs/bench.json.

A benchmark is a function `bench_*` that returns a list of `{name, ours, other, ratio, target, unit, what}` with
ratio = other/ours: above 1 ours is better. Both sides run in the same process, one after the other. A missed target is
reported, not asserted: machines are noisy.
"""

import importlib
import json
import pkgutil
import sys
import time
from pathlib import Path

import tests.bench
from experiments.store import write_whole


def main(only: list[str]) -> int:
    """Run the benchmarks whose module names contain one of the words (all without words)."""
    results = []
    for module in pkgutil.iter_modules(tests.bench.__path__):
        if not module.name.startswith("bench_") or (only and not any(w in module.name for w in only)):
            continue
        loaded = importlib.import_module(f"tests.bench.{module.name}")
        for name in sorted(n for n in vars(loaded) if n.startswith("bench_")):
            start = time.perf_counter()
            for result in getattr(loaded, name)():
                results.append(result)
                missed = " (missed)" if result["target"] is not None and result["ratio"] < result["target"] else ""
                target = "" if result["target"] is None else f", target {result['target']:g}{missed}"
                print(f"{result['name']:<44} {result['ratio']:8.2f}x{target}   {result['what']}", flush=True)
            print(f"  ({name}: {time.perf_counter() - start:.0f} s)", file=sys.stderr)
    write_whole(Path("outputs/bench.json"), json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
