"""Several synthetic tables: real fits are shared, differences are those of the gaps, the right table is chosen."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.audit import several
from experiments.audit.core import as_json
from experiments.audit.metrics import Risk
from experiments.audit.options import AuditOptions, InputError, synthetic_tables
from experiments.audit.several import run_several, training_difference
from experiments.audit.utility import Trained
from experiments.estimators.intervals import Interval
from figures.report import several_page
from run import main
from tests.audit.conftest import audit
from tests.audit.worlds import draw, frame

ERROR = Risk("error", 0, 1)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Real rows, unseen ones, and tables of which each is right or wrong in a known way."""
    folder, rng = tmp_path_factory.mktemp("several"), np.random.default_rng(5)

    def written(name, rows, fault="none"):
        frame(draw(rng, rows, "classification", fault), "classification").to_csv(folder / f"{name}.csv", index=False)
        return str(folder / f"{name}.csv")

    paths = {name: written(name, 500) for name in ("real", "test", "fresh")} | {"labels": written("labels", 500, "responses")}
    pd.read_csv(paths["real"]).sample(500, replace=True, random_state=1).to_csv(folder / "copies.csv", index=False)
    return paths | {"copies": str(folder / "copies.csv")}


@pytest.fixture(scope="module")
def found(tables, tmp_path_factory):
    folder = tmp_path_factory.mktemp("found")
    options = AuditOptions(
        real=tables["real"], test=tables["test"], synthetic="x", target="y", models=["linear", "tree"], repeats=2
    )
    asked = {name: tables[name] for name in ("fresh", "labels", "copies")}
    return options, asked, folder, run_several(options, asked, folder / "store", 1)


def test_known_right_answers(found):
    """Fresh real rows are best; labels turned round are significantly worse; copies are left out, however good."""
    result = found[3]
    assert (result.training.best, result.training.worse, result.training.open) == ("fresh", ["labels"], [])
    assert "Left out as copies of real rows: copies." in result.training.sentence
    assert result.choosing.best == "fresh"


def test_a_difference_is_that_of_the_gaps_and_joint_intervals_are_wider_than_single_ones(found):
    """On common test rows with common real fits the real side drops out, up to rounding in single precision."""
    result = found[3]
    gaps = {name: own.best.measures["error"].gap for name, own in result.tables.items()}
    assert len(result.pairs) == 3
    for pair in result.pairs:
        assert pair.training.value == pytest.approx(gaps[pair.first].value - gaps[pair.second].value, abs=1e-7)
        assert pair.training.level == pytest.approx(1 - 0.05 / 3)
        assert pair.choosing.level == 0.95


def test_real_fits_are_done_once_and_a_second_run_does_nothing(found):
    options, asked, folder, first = found
    cells = {path: json.loads(path.read_text())["config"] for path in (folder / "store").glob("*/cell.json")}
    fits = [cell for cell in cells.values() if cell["kind"] in ("fit", "halves", "causes")]
    # guess 1, of either model 1 full fit, 2 cuts, 3 for causes: 13 per training table, 1 real and 3 synthetic.
    assert [sum(cell["table"] == table for cell in fits) for table in ("real", "synthetic")] == [13, 39]
    before = {path: path.stat().st_mtime_ns for path in cells}
    assert run_several(options, asked, folder / "store", 2).to_dict() == first.to_dict()
    assert {path: path.stat().st_mtime_ns for path in (folder / "store").glob("*/cell.json")} == before


def test_each_table_is_judged_as_it_is_alone(found, tables, tmp_path):
    paths = {"real": Path(tables["real"]), "synthetic": Path(tables["labels"])}
    alone = audit(paths, tmp_path, test=tables["test"])
    assert alone.to_dict() == found[3].tables["labels"].to_dict()
    assert as_json(found[3].tables["labels"]) == as_json(alone)


@pytest.mark.parametrize("halved", [False, True])
def test_the_interval_of_a_difference_is_the_direct_one(halved):
    """Losses a ± 1 and b, whose differences are symmetric about 0.3 with variance 1 x 40/39; halves that differ by a constant.

    Halves that differ by d in every row have variance d²/2 at half the rows, 2^(-2/3) of it at all; nothing is taken off.
    """
    rows, cuts = 40, 4
    signs = np.tile([1.0, -1.0], rows // 2)

    def trained(mean, spread, apart):
        halves = np.zeros((cuts, 2, 1, rows)) + np.array([apart, 0.0])[None, :, None, None] if halved else None
        return Trained({"synthetic": (mean + spread * signs)[None]}, {"synthetic": halves} if halved else None)

    interval = training_difference(trained(0.5, 1.0, 0.2), trained(0.2, 0.0, 0.1), ERROR, 0.98)
    parts = [(40 / 39 / rows, rows - 1)] + halved * [(d**2 / 2 * 2 ** (-2 / 3), cuts) for d in (0.2, 0.1)]
    variance = sum(v for v, _ in parts)
    freedom = max(variance**2 / sum(v**2 / f for v, f in parts), min(f for _, f in parts))
    reach = stats.t.ppf(0.99, freedom) * variance**0.5
    assert (interval.value, interval.low, interval.high) == pytest.approx((0.3, 0.3 - reach, 0.3 + reach))


def test_test_rows_that_one_table_copies_are_left_out_for_all(tables, tmp_path):
    paths = {name: tmp_path / f"{name}.csv" for name in ("seen", "fresh")}
    pd.concat([pd.read_csv(tables["fresh"])[100:], pd.read_csv(tables["test"])[:100]]).to_csv(paths["seen"], index=False)
    pd.read_csv(tables["fresh"]).to_csv(paths["fresh"], index=False)
    options = AuditOptions(real=tables["real"], test=tables["test"], synthetic="x", target="y")
    each = several.prepared(options, {name: str(path) for name, path in paths.items()})
    left = each["seen"].copies.left_out
    assert left >= 100
    assert each["fresh"].copies.left_out == 0
    assert len(each["fresh"].problem.test) == len(each["seen"].problem.test) == 500 - left
    assert any("another synthetic table holds copies" in line for line in each["fresh"].warnings.to_lines())


def test_of_tables_that_pick_the_same_model_the_better_one_for_training_is_named():
    """Both cost nothing in choosing; the names' order is the other way round."""
    zero, verdict = Interval(0.0, 0.0, 0.0, 0.95), SimpleNamespace(new_rows="yes", choose="yes", tolerance=0.1)

    def result(gap):
        sure = Interval(1.0, 0.9, 1.1, 0.95)
        best = SimpleNamespace(measures={"error": SimpleNamespace(gap=gap)}, beats_guess={"real": sure})
        ranks = SimpleNamespace(regret=zero, chosen="linear")
        return SimpleNamespace(best=best, ranking=ranks, verdict=verdict, options=AuditOptions("r", "s", "y"))

    results = {"a": result(Interval(0.2, 0.1, 0.3, 0.95)), "b": result(zero)}
    pair = SimpleNamespace(first="a", second="b", choosing=zero)
    assert several._choice("choosing", results, [pair], ERROR).best == "b"


def test_names_and_folders(tmp_path):
    for name in ("b.csv", "a.csv.gz", "notes.txt"):
        (tmp_path / name).touch()
    assert synthetic_tables(str(tmp_path)) == {"a": f"{tmp_path}/a.csv.gz", "b": f"{tmp_path}/b.csv"}
    assert list(synthetic_tables(["x/a.csv", "y/a.csv", "a.csv"])) == ["a", "a-2", "a-3"]
    assert synthetic_tables("one.csv") == {"one": "one.csv"}
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"audit.synthetic: no table in the folder .*empty"):
        synthetic_tables(str(tmp_path / "empty"))


def test_command_and_pages(found, tables, tmp_path, capsys):
    """The page has a row per table, linked to its own; the terminal a line per table; a mistake names the table."""
    _, asked, output, result = found
    words = [f"audit.real={tables['real']}", f"audit.synthetic=[{','.join(asked.values())}]", f"audit.test={tables['test']}"]
    words += ["audit.target=y", "audit.models=[linear,tree]", "audit.repeats=2", f"output={output}"]
    assert main(["experiment=audit", *words]) == 0
    (folder,) = (output / "audit").iterdir()
    assert (folder / "audit.json").read_text() == as_json(result)
    page = (folder / "audit.html").read_text()
    for name in asked:
        assert (folder / name / "audit.json").read_text() == as_json(result.tables[name])
        (link,) = [part.split('"')[0] for part in page.split('href="')[1:] if part.startswith(name)]
        assert (folder / link).is_file()
    told = several_page.terminal(result, folder / "audit.html")
    assert len(told.splitlines()) <= 12 + sum(len(own.notes) + len(own.warnings) for own in result.tables.values())
    for kind, lines in (("note", result.tables["labels"].notes), ("warning", result.tables["copies"].warnings)):
        assert lines
        assert all(any(row.startswith(f"{kind}: ") and row.endswith(line) for row in told.splitlines()) for line in lines)
    assert "warning: copies: 500 synthetic rows are copies" in told  # of this table, and not of the others
    assert result.training.sentence in told

    pd.read_csv(tables["fresh"]).drop(columns="x2").to_csv(tmp_path / "lacks.csv", index=False)
    words = [f"audit.real={tables['real']}", f"audit.synthetic=[{tables['fresh']},{tmp_path}/lacks.csv]", "audit.target=y"]
    assert main(["experiment=audit", *words, f"output={tmp_path}"]) == 2
    assert f"{tmp_path}/lacks.csv: " in capsys.readouterr().err
