"""Rows do not depend on workers, order or crashes; failures are recorded; damage is found."""

from pathlib import Path

import numpy as np
import pytest

from experiments.config.compose import experiments_of
from experiments.engine.grid import PlannedCell, assemble, plan
from experiments.engine.run import Executor, collect, compute, drop_unusable, run_cells
from experiments.engine.store import DamagedCell, Store, cell_hash, encode
from experiments.measurements.base import Cell
from experiments.measurements.simulated import Simulated
from experiments.world import World, draw

SMALL = ["experiment=convergence", "learner=knn", "budget=smoke", "n=[60,120]", "replicates=4"]


def small() -> list[PlannedCell]:
    return plan(experiments_of(SMALL)[0].config)


def stored(root: Path) -> dict[str, bytes]:
    return {p.parent.name: p.read_bytes() for p in sorted(root.glob("[!.]*/rows.npz"))}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("serial")
    assert run_cells(small(), root, Executor("serial", 1), "") == []
    return stored(root)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_any_number_of_workers_gives_the_same_rows(reference: dict[str, bytes], tmp_path: Path, workers: int) -> None:
    assert run_cells(small(), tmp_path, Executor("processes", workers), "") == []
    assert stored(tmp_path) == reference


def test_order_does_not_matter(reference: dict[str, bytes], tmp_path: Path) -> None:
    run_cells(small()[::-1], tmp_path, Executor("serial", 1), "")
    assert stored(tmp_path) == reference


def test_finished_cells_are_skipped(tmp_path: Path) -> None:
    run_cells(small(), tmp_path, Executor("serial", 1), "")
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    run_cells(small(), tmp_path, Executor("serial", 1), "")
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_the_real_sample_is_the_same_for_every_law_and_learner() -> None:
    def sample(words: list[str]) -> np.ndarray:
        config = plan(experiments_of([*SMALL, *words])[0].config)[0].config
        cell: Cell = assemble(config)[1]
        data = draw(cell, World.of(cell, 100))
        return np.concatenate([data.x_real.ravel(), data.y_real.ravel()])

    first = sample(["synthetic_law=uniform"])
    np.testing.assert_array_equal(first, sample(["synthetic_law=beta", "learner=poly"]))
    assert not np.array_equal(first, sample(["synthetic_law=uniform", "seed=1"]))


def test_real_and_synthetic_samples_are_independent_streams() -> None:
    built = assemble(small()[0].config)[1]
    data = draw(built, World.of(built, 100))
    assert not np.array_equal(data.x_real, data.x_synthetic)


def test_a_cell_that_raises_is_a_recorded_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Simulated, cell: Cell) -> dict[str, np.ndarray]:
        raise RuntimeError("out of luck")

    cells = small()
    run_cells(cells[:2], tmp_path, Executor("serial", 1), "")
    monkeypatch.setattr(Simulated, "rows", broken)
    failures = run_cells(cells, tmp_path, Executor("serial", 1), "")
    assert len(failures) == len(cells) - 2
    assert "out of luck" in failures[0].traceback


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


def test_cells_run_on_one_thread() -> None:
    from threadpoolctl import threadpool_info

    seen = []
    config = small()[0].config
    original = Simulated.rows

    def watching(self: Simulated, cell: Cell) -> dict[str, np.ndarray]:
        seen.extend(pool["num_threads"] for pool in threadpool_info())
        return original(self, cell)

    Simulated.rows = watching  # type: ignore[method-assign]
    try:
        compute(config)
    finally:
        Simulated.rows = original  # type: ignore[method-assign]
    assert set(seen) == {1}


def test_chunks_of_replicates_give_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    config = small()[1].config
    whole = compute(config)
    monkeypatch.setattr("experiments.measurements.simulated.CHUNK", 1)
    parts = compute(config)
    for name in whole.keys() - {"bound_prior", "bound_prior_untransferred"}:  # these average over a chunk's designs
        np.testing.assert_allclose(parts[name], whole[name], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(parts["bound_prior"].mean(), whole["bound_prior"][0], rtol=0.1)
