"""Rows do not depend on workers, order or crashes; failures are recorded; damage is found; the time left is told."""

import io
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from experiments.engine import progress
from experiments.engine.grid import PlannedCell, assemble
from experiments.engine.progress import Bar
from experiments.engine.run import Executor, collect, compute, drop_unusable, run_cells
from experiments.engine.store import DamagedCell, Store, cell_hash, encode
from experiments.measurements.base import Cell
from experiments.measurements.simulated import Simulated
from experiments.world import World, draw
from tests.engine.conftest import small, stored


@pytest.mark.parametrize(("kind", "workers"), [("processes", 1), ("processes", 2), ("processes", 4), ("dask", 2)])
def test_executors_and_workers_give_the_same_rows(
    reference: dict[str, bytes], tmp_path: Path, kind: str, workers: int
) -> None:
    if kind == "dask":
        pytest.importorskip("distributed", reason="Dask is an optional extra (requirements-extra.txt)")
    assert run_cells(small(), tmp_path, Executor(kind, workers), "") == []
    assert stored(tmp_path) == reference


def test_order_does_not_matter_and_finished_cells_are_skipped(reference: dict[str, bytes], tmp_path: Path) -> None:
    run_cells(small()[::-1], tmp_path, Executor("serial", 1), "")
    assert stored(tmp_path) == reference
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    run_cells(small(), tmp_path, Executor("serial", 1), "")
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_the_real_sample_is_the_same_for_every_law_and_learner_and_independent_of_the_synthetic_one() -> None:
    def sample(*words: str) -> np.ndarray:
        cell: Cell = assemble(small(*words)[0].config)[1]
        data = draw(cell, World.of(cell, 100))
        assert not np.array_equal(data.x_real, data.x_synthetic)
        return np.concatenate([data.x_real.ravel(), data.y_real.ravel()])

    first = sample("synthetic_law=uniform")
    np.testing.assert_array_equal(first, sample("synthetic_law=beta", "learner=poly"))
    assert not np.array_equal(first, sample("synthetic_law=uniform", "seed=1"))


@pytest.mark.parametrize("damage", ["truncate", "flip", "lose rows.npz", "lose cell.json"])
def test_damage_is_found_and_set_aside(damage: str, tmp_path: Path) -> None:
    cells = small()[:2]
    run_cells(cells, tmp_path, Executor("serial", 1), "")
    folder = tmp_path / cells[0].key
    data = bytearray((folder / "rows.npz").read_bytes())
    if damage == "truncate":
        (folder / "rows.npz").write_bytes(data[:-10])
    elif damage == "flip":
        data[len(data) // 2] ^= 1
        (folder / "rows.npz").write_bytes(data)
    else:
        (folder / damage.removeprefix("lose ")).unlink()
    with pytest.raises(DamagedCell):
        Store(tmp_path).read(cells[0].key)
    [line] = drop_unusable(cells, tmp_path)
    assert line.startswith("1 cells are damaged")
    assert not Store(tmp_path).has(cells[0].key)
    assert set(collect("convergence", cells, tmp_path)["cell"]) == {cells[1].key}
    assert run_cells(cells, tmp_path, Executor("serial", 1), "") == []


def test_rows_of_other_code_are_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = small()[:2]
    run_cells(cells, tmp_path, Executor("serial", 1), "")
    assert drop_unusable(cells, tmp_path) == []
    monkeypatch.setattr("experiments.engine.run.fingerprint", lambda config: "other")
    assert drop_unusable(cells, tmp_path) == ["2 cells are of another version of the code: computed again"]
    assert not Store(tmp_path).has(cells[0].key)


def test_rows_have_the_promised_columns(reference: dict[str, bytes], tmp_path: Path) -> None:
    run_cells(small()[:1], tmp_path, Executor("serial", 1), "")
    rows = collect("convergence", small()[:1], tmp_path)
    promised = (
        "experiment cell replicate n m real_law synthetic_law learner excess_real excess_synthetic gap utility utility_test "
        "e_s e_r sup_norm bound_sharp bound_two_sided bound_fidelity total_variation"
    )
    assert set(promised.split()) <= set(rows.columns)
    assert len(rows) == 4


def test_the_archive_is_a_function_of_the_columns() -> None:
    columns = {"b": np.arange(3.0), "a": np.array(["x", "y", "z"])}
    assert encode(columns) == encode(dict(reversed(columns.items())))
    assert encode(columns) != encode(columns | {"b": np.array([0.0, 1.0, 2.0 + 1e-15])})


def test_the_hash_depends_on_configuration_and_seed_only() -> None:
    config = small()[0].config
    assert cell_hash(config) == cell_hash(dict(reversed(config.items())))
    assert cell_hash(config) != cell_hash(config | {"seed": 1})


def test_cells_run_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, original = [], Simulated.rows

    def watching(self: Simulated, cell: Cell) -> dict[str, np.ndarray]:
        seen.extend(pool["num_threads"] for pool in threadpool_info())
        return original(self, cell)

    monkeypatch.setattr(Simulated, "rows", watching)
    compute(small()[0].config)
    assert set(seen) == {1}


def test_chunks_of_replicates_give_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    config = small()[1].config
    whole = compute(config)
    monkeypatch.setattr("experiments.measurements.simulated.CHUNK", 1)
    parts = compute(config)
    for name in whole.keys() - {"bound_prior", "bound_prior_untransferred"}:  # these average over a chunk's designs
        np.testing.assert_allclose(parts[name], whole[name], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(parts["bound_prior"].mean(), whole["bound_prior"][0], rtol=0.1)


def config(measurement: str, learner: str, n: int) -> dict[str, Any]:
    parts = {"learner": {"kind": learner}, "n": n}
    return {"measurement": {"kind": measurement}, "parts": parts, "replicates": 10, "seed": 1}


def expected(tmp_path: Path, done: list[tuple[dict[str, Any], float]], asked: dict[str, Any]) -> float:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "finished", lambda _: done)
        [seconds] = progress.expected_seconds([PlannedCell(asked, {})], Store(tmp_path)).values()
    return seconds


def test_the_most_similar_finished_cells_decide(tmp_path: Path) -> None:
    """Work is replicates times (2 n + 2000): 30,000 at n = 500 and 60,000 at n = 2,000, twice the seconds."""
    knn, poly, other = config("simulated", "knn", 500), config("simulated", "poly", 500), config("real_data", "knn", 500)
    done = [(knn, 3.0), (poly, 9.0), (other, 500.0)]
    assert expected(tmp_path, done, config("simulated", "knn", 2000)) == pytest.approx(6.0)
    assert expected(tmp_path, done, config("simulated", "forest", 500)) == pytest.approx(6.0)  # median of 3 and 9
    assert expected(tmp_path, done, config("real_data", "forest", 2000)) == pytest.approx(1000.0)
    assert expected(tmp_path, done, config("samples", "knn", 500)) == pytest.approx(9.0)  # median of all
    assert expected(tmp_path, [], config("samples", "knn", 500)) > 0


def test_the_clock_of_a_progress_bar_goes_on_between_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal only: a log file is not filled with it."""
    for terminal in (True, False):
        screen = io.StringIO()
        monkeypatch.setattr(screen, "isatty", lambda told=terminal: told)
        monkeypatch.setattr(sys, "stderr", screen)
        with Bar(2, "cells"):
            deadline = time.monotonic() + (30 if terminal else 1.3)
            while screen.getvalue().count("elapsed") < 2 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert (screen.getvalue().count("elapsed") > 1) is terminal
