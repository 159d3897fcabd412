"""Copies, leaked test rows and repeated rows, in tables made so that the counts are known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.audit.columns import Warnings
from experiments.audit.copies import VETO, distinct, without_copied, without_shared
from experiments.audit.core import load
from experiments.audit.encoding import EncodedTable, Problem, Schema
from experiments.audit.options import AuditOptions, InputError
from experiments.audit.reading import split_table
from run import main
from tests.audit.conftest import audit, write
from tests.audit.worlds import problem


def tables(rows=400, tests=200, seed=6):
    return problem(np.random.default_rng(seed), "classification", rows=rows, tests=tests)


def discrete(seed=0):
    """Three binary columns: nearly every row recurs by chance."""
    rng = np.random.default_rng(seed)
    shape = Schema((), ("a", "b"), (("0", "1"),) * 2, ("0", "1"), "y")
    made = (EncodedTable(rng.integers(0, 2, (n, 2)).astype(float), rng.integers(0, 2, n).astype(float)) for n in (200, 200, 99))
    return Problem(shape, *made)


def test_exact_copies_are_counted():
    whole = tables(100, 300)
    copied = whole.synthetic.stacked(whole.real.take(np.arange(7))).stacked(whole.test.take(np.arange(3)))
    found = without_copied(replace(whole, synthetic=copied), 1)[1]
    assert (found.of_training, found.of_test, found.rows, found.doubled) == (7, 3, 110, 0)
    assert found.beyond_chance()
    fresh = without_copied(whole, 1)[1]
    assert not fresh.beyond_chance()
    assert not fresh.beyond_chance(VETO)
    few = tables(320, 80)  # 80 test rows alone could not tell 14 of 400 from chance; no training row equals another one either
    copied = problem(np.random.default_rng(1), "classification", rows=386).synthetic.stacked(few.real.take(np.arange(14)))
    assert without_copied(replace(few, synthetic=copied), 1)[1].beyond_chance()


@pytest.mark.parametrize("noise", [0, 1e-3])
def test_a_bootstrap_is_vetoed_and_its_test_rows_are_left_out(noise):
    """n draws with replacement from n training and test rows leave a share 1/e of either out: 0.37 n, sd below 0.5 √n."""
    whole, rng = tables(), np.random.default_rng(2)
    pool = whole.real.stacked(whole.test)
    drawn = rng.integers(0, len(pool), len(pool))
    seen = pool.take(drawn)
    seen.features[:, :3] += noise * rng.normal(size=(len(seen), 3))
    kept, copies = without_copied(replace(whole, synthetic=seen), 1)
    assert copies.beyond_chance(VETO)
    untouched = np.setdiff1d(np.arange(len(whole.real), len(pool)), drawn)
    assert abs(len(kept.test) - len(untouched)) <= 4  # a few near ones by chance
    assert copies.left_out == len(whole.test) - len(kept.test)
    assert copies.near.value == pytest.approx(len(whole.real) / len(pool), abs=0.1)


@pytest.mark.parametrize("whole", [tables(), discrete()])
def test_fresh_rows_leave_nothing_out_whether_or_not_they_recur_by_chance(whole):
    kept, copies = without_copied(without_shared(whole, Warnings()), 1)
    assert len(kept.test) == len(whole.test)
    assert not copies.beyond_chance(VETO)
    assert distinct(whole.real, "real", Warnings()) is whole.real
    held = whole.real.stacked(whole.test).digests()
    assert round(copies.share.value * copies.rows) == np.isin(whole.synthetic.digests(), held).sum()  # each row once


@pytest.mark.parametrize(("rows", "most"), [(2000, 118), (8000, 100)])
def test_many_fresh_rows_are_no_copies_and_few_copies_among_them_are_found(rows, most):
    """Five and twenty times as many synthetic as real rows: one is nearer by chance, but not as near as a copy.

    Of the 300 others 1% should go too, 3; the limit is estimated from 400 rows about a part of 67, so 6% may.
    """
    whole = tables(400, 400)
    many = problem(np.random.default_rng(0), "classification", rows=rows).synthetic
    kept, copies = without_copied(replace(whole, synthetic=many), 1, unseen=True)
    assert (copies.left_out, len(kept.test)) == (0, 400)
    seen = many.take(np.arange(rows - 100)).stacked(whole.test.take(np.arange(100)))
    assert 100 <= without_copied(replace(whole, synthetic=seen), 1)[1].left_out <= most


@pytest.mark.parametrize(("rows", "many", "tests"), [(400, 8000, 100), (2000, 6000, 500), (500, 500, 500)])
def test_rows_that_recur_by_chance_are_no_copies_however_many_they_are(rows, many, tests):
    """Independent columns of 20, 500 and 2 values, which may all come again: more often among more rows."""
    rng = np.random.default_rng(0)

    def drawn(size):
        return EncodedTable(rng.integers(0, (20, 500), (size, 2)).astype(float), rng.integers(0, 2, size).astype(float))

    whole = Problem(Schema(("a", "b"), (), (), ("0", "1"), "y"), drawn(rows), drawn(many), drawn(tests))
    kept, copies = without_copied(whole, 1)
    assert (len(kept.test), copies.beyond_chance(VETO)) == (tests, False)


def test_no_test_rows_left_is_an_error_with_the_remedy():
    whole = tables(100, 50)
    with pytest.raises(InputError, match=r"copies of 50 of the 50 real test rows.*audit.split"):
        without_copied(replace(whole, synthetic=whole.real.stacked(whole.test)), 1)


def test_repeated_rows_and_overlapping_tests_are_told_with_their_share(tmp_path):
    whole, warnings = tables(), Warnings()
    four = whole.real.take(np.repeat(np.arange(400), 4))
    assert len(distinct(four, "test", warnings)) == 400
    half = replace(whole, test=whole.test.stacked(whole.real.take(np.arange(200))))
    assert len(without_shared(half, warnings).test) == 200
    assert "test table: 50% of its 400 rows" in warnings.notes[1]
    assert "test table: 75% of its 1,600 rows repeat" in warnings.notes[0]
    paths = write(tmp_path, "classification")
    names = {name: str(path) for name, path in paths.items()}
    with pytest.raises(InputError, match=r"test table: 100% of its 400 rows"):
        load(AuditOptions(**names, target="y", test=names["real"]), Warnings())
    fresh = pd.read_csv(write(tmp_path / "fresh", "classification", seed=9)["real"])
    pd.concat([fresh] * 4).to_csv(tmp_path / "four.csv", index=False)
    assert len(load(AuditOptions(**names, target="y", test=str(tmp_path / "four.csv")), Warnings()).test) == len(fresh)
    pd.concat([fresh.head(10)] * 4).to_csv(tmp_path / "ten.csv", index=False)
    with pytest.raises(InputError, match="test table: 10 different rows are too few; give at least 30"):
        load(AuditOptions(**names, target="y", test=str(tmp_path / "ten.csv")), Warnings())


def test_copies_turn_a_yes_into_a_no_and_the_caveat_is_in_the_sentence(tmp_path):
    """A copy of the real training rows: models are the same, so training alone would be a yes."""
    paths = write(tmp_path, "classification", rows=600)
    split_table(str(paths["real"]), tmp_path, "utf-8", 1)
    train = {"real": tmp_path / "train.csv", "synthetic": tmp_path / "train.csv"}
    unseen = {"test": str(tmp_path / "test.csv"), "models": ["linear"], "repeats": 1}
    for tolerance in (0.9, 1e-9):  # by itself yes, by itself open
        copied = audit(train, tmp_path, tolerance=tolerance, **unseen).verdict
        assert (copied.train, copied.new_rows) == ("no", "no")
        assert "since it copies real rows" in copied.train_sentence
    assert copied.new_rows_sentence.startswith("The synthetic table copies real rows: 100.0%")
    pd.read_csv(paths["real"]).sample(frac=0.4, random_state=0).to_csv(tmp_path / "some.csv", index=False)
    some = audit(paths | {"synthetic": tmp_path / "some.csv"}, tmp_path, models=["linear"], repeats=1).verdict
    assert some.train_sentence.startswith("For these two tables only, do not put")  # certain, whoever has seen the test rows
    fresh = audit(paths, tmp_path, models=["linear"], tolerance=0.9, repeats=1).verdict
    assert (fresh.train, fresh.new_rows) == ("yes", "yes")
    assert fresh.train_sentence.startswith("For these two tables only and if the generator has not seen the test rows cut from")


def test_split_keeps_every_value_as_written_and_a_fifth_apart(tmp_path, capsys):
    written = [f"{i:03d},{i}.50,NA,\"a, {i}\"" for i in range(100)]
    (tmp_path / "r.csv").write_text("\n".join(["id,x,y,z", *written]) + "\n")
    words = ["experiment=audit", f"audit.real={tmp_path}/r.csv", f"audit.split={tmp_path}/parts"]
    assert main(words) == 0
    assert "parts/test.csv as the test" in capsys.readouterr().out
    lines = {name: (tmp_path / "parts" / f"{name}.csv").read_text().splitlines()[1:] for name in ("train", "test")}
    assert len(lines["test"]) == 20
    assert sorted(lines["train"] + lines["test"]) == written
    assert main(words) == 2  # nothing is written over


def test_split_does_not_depend_on_the_order_of_rows(tmp_path):
    table, held = pd.DataFrame({"x": np.arange(50), "y": np.arange(50) % 7}), []
    for name, order in (("a", np.arange(50)), ("b", np.random.default_rng(0).permutation(50))):
        table.iloc[order].to_csv(tmp_path / f"{name}.csv", index=False)
        held.append(set(pd.read_csv(split_table(str(tmp_path / f"{name}.csv"), tmp_path / name, "utf-8", 3)[1])["x"]))
    assert held[0] == held[1]
