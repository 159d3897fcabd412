"""Small tables on disk, and audits of them."""

from pathlib import Path

import numpy as np
import pytest

from experiments.audit.core import AuditResult, as_json, run_audit
from experiments.audit.options import AuditOptions
from experiments.engine.store import write_whole
from tests.audit.worlds import draw, frame


def write(folder: Path, task: str, fault: str = "none", rows: int = 400, seed: int = 0) -> dict[str, Path]:
    """Write real.csv and synthetic.csv and return their paths."""
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng([seed, task == "regression"])
    paths = {name: folder / f"{name}.csv" for name in ("real", "synthetic")}
    frame(draw(rng, rows, task), task).to_csv(paths["real"], index=False)
    frame(draw(rng, rows, task, fault), task).to_csv(paths["synthetic"], index=False)
    return paths


def audit(paths: dict[str, Path], output: Path, workers: int = 1, **options: object) -> AuditResult:
    """Audit with two quick models and few repeats unless said otherwise."""
    chosen = {"target": "y", "models": ["linear", "tree"], "repeats": 2} | options
    asked = AuditOptions(real=str(paths["real"]), synthetic=str(paths["synthetic"]), **chosen)
    result = run_audit(asked, output / "store", workers)
    write_whole(output / "audit.json", as_json(result))
    return result


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Path], Path, AuditResult]:
    """An audit that several tests look at: its tables, folder and result."""
    folder = tmp_path_factory.mktemp("audit")
    paths = write(folder, "classification", "responses")
    return paths, folder, audit(paths, folder)
