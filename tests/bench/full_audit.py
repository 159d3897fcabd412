"""The audit on Adult beside its peers: seconds and memory over all processes, each in a process of its own.

Peers are run where they can be imported: by this interpreter, or by the one that the variable PEERS_PYTHON names (a
virtual environment with `pip install sdmetrics==0.32.0 syntheval==1.7.3`). They state no interval for these numbers.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from experiments.datasets.files import BUNDLED
from tests.bench import Result, result

SDMETRICS = """
import sys, warnings, pandas as pd; warnings.simplefilter("ignore")
from sdmetrics import single_table as s
train, synthetic, test = (pd.read_csv(f"{sys.argv[1]}/{n}.csv").fillna("?") for n in ("train", "synthetic", "test"))
for c in test.select_dtypes("object"):  # it stops at a category that a training table lacks
    test = test[test[c].isin(train[c]) & test[c].isin(synthetic[c])]
for model in (s.BinaryAdaBoostClassifier, s.BinaryDecisionTreeClassifier, s.BinaryLogisticRegression, s.BinaryMLPClassifier):
    for table in (train, synthetic):
        print(model.__name__, model.compute(test, table, target="income"))
"""

SYNTHEVAL = """
import sys, warnings, pandas as pd; warnings.simplefilter("ignore")
from syntheval import SynthEval
train, synthetic, test = (pd.read_csv(f"{sys.argv[1]}/{n}.csv").fillna("?") for n in ("train", "synthetic", "test"))
words = [c for c in train if train[c].dtype == object]
SynthEval(train, test, cat_cols=words, verbose=False).evaluate(synthetic, "income", cls_acc={"F1_type": "weighted"})
"""


def bench_audit_on_adult() -> list[Result]:
    """The default audit and the quick one against the limits set for them, and against two peers."""
    with tempfile.TemporaryDirectory() as folder:
        _tables(pd.read_csv(BUNDLED / "adult-train.csv.gz"), Path(folder))
        quick, _ = _ours(folder, 1)
        seconds, megabytes = _ours(folder, 10)
        results = [
            result("audit on Adult, repeats=1", quick, 20, 1.0, "s", f"{quick:.0f} s; limit 20 s"),
            result("audit on Adult, default", seconds, 150, 1.0, "s", f"{seconds:.0f} s; limit 150 s"),
            result("audit on Adult, memory", megabytes, 700, 1.0, "MB", f"{megabytes:.0f} MB resident; limit 700 MB"),
        ]
        for name, program in (("sdmetrics", SDMETRICS), ("syntheval", SYNTHEVAL)):
            results += _peer(name, program, folder, seconds)
    return results


def _tables(real: pd.DataFrame, folder: Path) -> None:
    """Write the real table, its split, and a synthetic one: columns drawn independently within each class."""
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame({c: part[c].to_numpy()[rng.integers(0, len(part), len(part))] for c in real})
        for _, part in real.groupby("income")
    ]
    order = rng.permutation(len(real))
    real.to_csv(folder / "real.csv", index=False)
    real.iloc[order[len(real) // 5 :]].to_csv(folder / "train.csv", index=False)
    real.iloc[order[: len(real) // 5]].to_csv(folder / "test.csv", index=False)
    pd.concat(parts).to_csv(folder / "synthetic.csv", index=False)


def _ours(folder: str, repeats: int) -> tuple[float, float]:
    tables = {"real": "train", "test": "test", "synthetic": "synthetic"}
    words = [f"audit.{option}={folder}/{name}.csv" for option, name in tables.items()]
    words += ["audit.target=income", f"audit.repeats={repeats}", f"output={folder}/out{repeats}"]
    return _measured([sys.executable, "run.py", "experiment=audit", *words])


def _peer(name: str, program: str, folder: str, ours: float) -> list[Result]:
    python = Path(os.environ.get("PEERS_PYTHON", sys.executable)).absolute()
    if "PEERS_PYTHON" not in os.environ and importlib.util.find_spec(name) is None:
        print(f"  {name}: skipped, it cannot be imported (see PEERS_PYTHON in {Path(__file__).name})", file=sys.stderr)
        return []
    try:
        seconds, megabytes = _measured([str(python), "-c", program, folder], folder)
    except RuntimeError as trouble:
        print(f"  {name}: skipped, it failed: {trouble}", file=sys.stderr)
        return []
    what = f"{name} took {seconds:.0f} s and {megabytes:.0f} MB, without intervals; our default audit {ours:.0f} s"
    return [result(f"audit on Adult against {name}", ours, seconds, None, "s", what)]


def _measured(line: list[str], place: str | None = None) -> tuple[float, float]:
    """Run a command, in a folder if it leaves files; seconds, and the most resident memory of all its processes, MB."""
    start, peak = time.perf_counter(), 0.0
    with tempfile.TemporaryFile("w+") as errors:
        process = psutil.Popen(line, stdout=subprocess.DEVNULL, stderr=errors, cwd=place)
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                peak = max(peak, sum(p.memory_info().rss for p in (process, *process.children(recursive=True))) / 1e6)
            time.sleep(0.2)
        seconds = time.perf_counter() - start
        errors.seek(0)
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(line[:3])[:80]}: {errors.read().strip().splitlines()[-1:]}")
    return seconds, peak
