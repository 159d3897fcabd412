"""`make bench`: every side-by-side ratio of tests/bench/bench_*.py, printed and written to outputs/bench.json.

`make bench-full` runs the long ones, tests/bench/full_*.py, into outputs/bench-full.json: cost growth and peers.

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
from experiments.engine.store import write_whole


def main(words: list[str]) -> int:
    """Run the benchmarks whose module names contain one of the words (all without words); `--full` the long ones."""
    prefix, name = ("full_", "bench-full") if "--full" in words else ("bench_", "bench")
    only = [w for w in words if w != "--full"]
    results = []
    for module in pkgutil.iter_modules(tests.bench.__path__):
        if not module.name.startswith(prefix) or (only and not any(w in module.name for w in only)):
            continue
        loaded = importlib.import_module(f"tests.bench.{module.name}")
        for function in sorted(n for n in vars(loaded) if n.startswith("bench_")):
            start = time.perf_counter()
            for result in getattr(loaded, function)():
                results.append(result)
                missed = " (missed)" if result["target"] is not None and result["ratio"] < result["target"] else ""
                target = "" if result["target"] is None else f", target {result['target']:g}{missed}"
                print(f"{result['name']:<44} {result['ratio']:8.2f}x{target}   {result['what']}", flush=True)
            print(f"  ({function}: {time.perf_counter() - start:.0f} s)", file=sys.stderr)
    write_whole(Path(f"outputs/{name}.json"), json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
