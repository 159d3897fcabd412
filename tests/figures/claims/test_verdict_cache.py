"""Verdicts are kept while nothing behind them changes, and made again when anything does."""

import json
import shutil
from copy import deepcopy
from pathlib import Path

import pytest

from experiments.config.compose import experiments_of
from experiments.engine import run as engine
from experiments.engine.store import Store
from figures.claims import verdict_cache
from run import run
from tests.conftest import FEW


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("judged")
    assert run(experiments_of([*FEW, "executor=serial", f"output={output}"])) in (0, 1)
    return output


@pytest.fixture
def output(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished run, to be damaged."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


def again(output: Path) -> str:
    """The claims of a second run, as the file holds them."""
    run(experiments_of([*FEW, "executor=serial", f"output={output}"]))
    return next(output.rglob("claims.json")).read_text()


def unread(*_: object) -> None:
    raise AssertionError("rows were read")


def test_a_second_run_reads_no_row(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = next(finished.rglob("claims.json")).read_text()
    monkeypatch.setattr(verdict_cache, "collect", unread)
    assert again(finished) == before


@pytest.mark.parametrize("lost", ["specification.png", "specification.csv"])
def test_a_lost_file_is_made_again(lost: str, output: Path) -> None:
    path = next(output.rglob(lost))
    before = path.read_bytes()
    path.unlink()
    again(output)
    assert path.read_bytes() == before


def test_other_rows_are_judged_again(output: Path) -> None:
    """The cell's name says what was asked, its rows differ: as after a change of a library, say."""
    store = Store(output / "store")
    for folder in store.root.glob("[!.]*"):
        note, columns = store.note(folder.name), store.read(folder.name)
        store.drop(folder.name)
        columns["gap_test"] = columns["gap_test"] + 1.0
        store.write(folder.name, note["config"], note["code"], columns, note["provenance"])
    table = next(output.rglob("specification.csv"))
    before = table.read_bytes()
    again(output)
    assert table.read_bytes() != before


def test_missing_data_leave_a_verdict_whose_cells_are_sound(
    output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = next(output.rglob("claims.json")).read_text()
    monkeypatch.setattr(engine, "planned_cells", lambda experiment: (experiment, [], "the data are not there"))
    assert again(output) == before
    assert "verdicts kept" in capsys.readouterr().out
    damaged = next((output / "store").glob("[!.]*/rows.npz"))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    assert {claim["verdict"] for claim in json.loads(again(output))} == {"skipped"}
    assert damaged.is_file()


def test_another_configuration_is_judged_again(finished: Path) -> None:
    [experiment] = experiments_of([*FEW, "executor=serial", f"output={finished}"])
    [other] = experiments_of([*FEW, "executor=serial", f"output={finished}", "replicates=4"])
    _, cells, _ = engine.planned_cells(experiment)
    store = Store(finished / "store")
    kept = verdict_cache.read(experiment, cells, store)
    assert kept
    stricter = deepcopy(experiment)
    next(iter(stricter.config["claims"].values()))["params"]["level"] = 0.9999
    assert verdict_cache.read(stricter, cells, store) is None
    assert verdict_cache.without_data(other, store) is None
