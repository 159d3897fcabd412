"""Loaders: shapes and counts from the published descriptions, checksums, damaged and missing files."""

import gzip
import hashlib
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.config.compose import experiments_of
from experiments.config.registry import build, components
from experiments.datasets import fetch, mnist
from experiments.datasets.base import numbers_of, split
from experiments.datasets.files import BUNDLED, CorruptData, content, csv_frame, idx_array
from experiments.datasets.mnist import PAIR, PART, Mnist
from experiments.datasets.tables import Abalone, Adult, California, German
from experiments.engine.grid import plan
from experiments.engine.run import compute, planned_cells
from experiments.measurements.base import Unavailable
from tests.conftest import ROOT

FOLDERS = [ROOT / "data", ROOT.parent / "shared" / "data"]
FOLDER = Path(os.environ.get("UTILITY_DATA", next((f for f in FOLDERS if f.is_dir()), FOLDERS[0])))
NOWHERE = Path("no-such-folder")


def loaded(dataset):
    """The whole table, or the test skipped with the line that fetches it."""
    try:
        return dataset.load(FOLDER)
    except Unavailable as absent:
        pytest.skip(str(absent))


# rows, features, of these numbers, classes, missing cells: from the sets' own descriptions (Adult: 3,620 rows with a missing
# value hold 6,465 of them; California: 207 districts without bedrooms)
KNOWN = {
    "mnist": (70_000, 784, 784, 10, 0), "adult": (48_842, 14, 6, 2, 6_465), "california": (20_640, 9, 8, 0, 207),
    "abalone": (4_177, 8, 7, 0, 0), "german": (1_000, 20, 7, 2, 0), "digits": (1_797, 64, 64, 10, 0),
    "breast_cancer": (569, 30, 30, 2, 0), "diabetes": (442, 10, 10, 0, 0),
}  # fmt: skip
TRAINING = (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
TEST = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
"""Images of each digit in the two parts of MNIST, as published."""


@pytest.mark.parametrize("name", components("dataset"))
def test_every_set_has_its_published_size(name):
    table = loaded(build("dataset", {"kind": name}))
    rows, features, numbers, classes, missing = KNOWN[name]
    assert (*table.x.shape, len(numbers_of(table.x)), table.classes) == (rows, features, numbers, classes)
    assert len(table) == len(table.x) == rows
    assert int(table.x.isna().sum().sum()) == missing
    assert len(table.labels) == classes
    if classes:
        assert set(np.unique(table.y)) == set(range(classes))


@pytest.mark.parametrize(("digits", "each"), [((), 800), ((9, 4), 2000), ((3, 8), 800), ((4, 9, 5), 800)])
def test_the_part_has_equally_many_of_each_digit_and_no_others(digits, each):
    whole = Mnist().load(NOWHERE, 8000)
    kept = digits or range(10)
    part = Mnist(digits).load(NOWHERE, each * len(kept))
    assert np.bincount(part.y).tolist() == [each] * len(kept)
    assert part.labels == tuple(map(str, kept))
    for k, digit in enumerate(kept):
        of_whole, own = whole.x[whole.y == digit].to_numpy(), part.x[part.y == k].to_numpy()
        np.testing.assert_array_equal(own[:800], of_whole)
        assert len({image.tobytes() for image in own}) == each


def test_the_part_is_used_whatever_the_folder_holds(tmp_path):
    """A damaged full set is only seen by who asks for more than the part has."""
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train-images-idx3-ubyte").write_bytes(b"spoilt")
    assert Mnist().load(tmp_path, 8000) is Mnist().load(FOLDER, 4000) is Mnist().load(NOWHERE, 2)
    for rows in (8001, None):
        with pytest.raises(CorruptData):
            Mnist().load(tmp_path, rows)


def test_the_part_is_drawn_as_its_readme_says():
    whole, known = loaded(Mnist()), dict(PART + PAIR)
    for name, first, after, digits in (("train", 0, 600, range(10)), ("t10k", 0, 200, range(10)), ("pair", 600, 1800, (4, 9))):
        own = slice(60_000, None) if name == "t10k" else slice(60_000)
        x, y = whole.x.to_numpy()[own], whole.y[own]
        assert tuple(np.bincount(y)) == (TEST if name == "t10k" else TRAINING)
        order = np.random.default_rng(2023).permutation(len(y))
        number = pd.Series(order).groupby(y[order]).cumcount()
        rows = order[(number >= first) & (number < after) & np.isin(y[order], digits)]
        images, labels = (idx_array(BUNDLED / "mnist", file, known[file]) for file in known if file.startswith(name))
        np.testing.assert_array_equal(images.reshape(len(images), -1), x[rows])
        np.testing.assert_array_equal(labels, y[rows])


def test_responses_are_the_published_ones():
    assert loaded(Adult()).y.mean() == pytest.approx(0.2393, abs=5e-5)  # 11,687 of 48,842 above 50K
    assert loaded(California()).y.max() == pytest.approx(5.00001)  # capped at 500,001 dollars
    assert loaded(German()).y.sum() == 300  # 300 of 1,000 bad risks
    rings = loaded(Abalone()).y
    assert (rings.min(), rings.max()) == (1, 29)
    assert rings.mean() == pytest.approx(9.934, abs=5e-4)


def test_more_than_the_part_is_answered_with_the_command():
    for rows, wanted in ((8001, "8001 images wanted, 8000 in the repository"), (None, "all images wanted")):
        with pytest.raises(Unavailable, match=rf"{wanted}.*make data.*{NOWHERE}") as caught:
            Mnist().load(NOWHERE, rows)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("budget", "why"), [("quick", ""), ("paper", "make data")])
def test_only_paper_sizes_of_mnist_are_skipped_without_the_full_set(budget, why, monkeypatch):
    monkeypatch.setenv("UTILITY_DATA", "")  # planning sets it: restored afterwards
    [experiment] = experiments_of(["experiment=mnist_samples", f"budget={budget}", f"data.dir={NOWHERE}"])
    _, cells, skipped = planned_cells(experiment)
    assert why in skipped
    assert bool(cells) != bool(skipped)


@pytest.mark.parametrize("dataset", ["abalone", "german"])
def test_a_table_serves_any_experiment_on_tables(dataset):
    [experiment] = experiments_of(["experiment=tabular_samples", "budget=smoke", f"dataset={dataset}", "generator=cart"])
    [cell] = plan(experiment.config)
    rows, known = compute(cell.config), build("dataset", {"kind": dataset}).load(NOWHERE)
    assert set(rows) == {"response", *(f"value_{name}" for name in known.x)}
    assert set(rows["response"]) <= set(known.y)


def test_the_readme_of_the_bundled_files_is_true():
    text = (BUNDLED / "README.md").read_text(encoding="utf-8")
    files = sorted(BUNDLED.rglob("*.gz"))
    assert sum(p.stat().st_size for p in files) < 4e6
    listed = re.findall(r"^\| `(\S+)` \| ([\d,]+) \| `(\w{16})` \|", text, flags=re.M)
    facts = [(p.relative_to(BUNDLED).as_posix(), p.stat().st_size, gzip.decompress(p.read_bytes())) for p in files]
    assert sorted(listed) == [(name, f"{size:,}", hashlib.sha256(data).hexdigest()[:16]) for name, size, data in facts]


def test_idx_round_trip_packed_or_not(tmp_path):
    values = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    data = fetch.idx_bytes(values)
    assert data[:16] == b"\0\0\x08\x03" + b"\0\0\0\x02" + b"\0\0\0\x03" + b"\0\0\0\x04"
    digest = hashlib.md5(data).hexdigest()
    (tmp_path / "a").write_bytes(data)
    (tmp_path / "b.gz").write_bytes(gzip.compress(data))
    for name in "ab":
        np.testing.assert_array_equal(idx_array(tmp_path, name, digest), values)


@pytest.mark.parametrize(
    "spoil", [lambda d: d[:-1], lambda d: d[:-1] + b"\x07", lambda d: b"\1" + d[1:], lambda d: d[:3]]
)
def test_damaged_files_are_named(tmp_path, spoil):
    data = fetch.idx_bytes(np.array([[1, 2], [3, 4]], dtype=np.uint8))
    (tmp_path / "images").write_bytes(spoil(data))
    with pytest.raises(CorruptData, match="images"):
        idx_array(tmp_path, "images", hashlib.md5(data).hexdigest())
    (tmp_path / "short.gz").write_bytes(gzip.compress(b"some text" * 99)[:-12])
    with pytest.raises(CorruptData, match=r"short\.gz"):
        content(tmp_path, "short")


def test_csv_content_is_checked(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,?\n2,x\n")
    digest = hashlib.sha256(b"a,b\n1,?\n2,x\n").hexdigest()[:16]
    frame = csv_frame(tmp_path, "t.csv", digest)
    assert frame["b"].isna().tolist() == [True, False]
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,?\n")
    with pytest.raises(CorruptData, match=r"t\.csv.*2 lines"):
        csv_frame(tmp_path, "t.csv", digest)


def test_what_is_fetched_is_laid_out_as_the_loaders_expect():
    """A fetcher's frame, made here from the loaded table, becomes files with the known content; labels are texts there."""
    table = loaded(Mnist())
    made = fetch.mnist_files(pd.concat([table.x, pd.Series(table.y.astype(str), name="class")], axis=1))
    assert {name: hashlib.md5(data).hexdigest() for name, data in made.items()} == dict(mnist.FILES)


def test_fetching_fails_with_a_line_for_each_set(monkeypatch, tmp_path, capsys):
    def refuse(name):
        raise OSError("no route")

    monkeypatch.setattr(fetch, "_fetched", refuse)
    monkeypatch.setenv("UTILITY_DATA", str(tmp_path))
    assert fetch.main([]) == 2
    printed = capsys.readouterr().err
    assert all(f"{name}: OSError: no route" in printed for name in fetch.SETS)
    assert str(tmp_path) in printed
    assert fetch.main(["mnits"]) == 2


def test_split_is_disjoint_and_refuses_too_many():
    table = build("dataset", {"kind": "diabetes"}).load(FOLDER)
    marked = table.of(table.x.assign(row=np.arange(len(table))), table.y)
    train, test = split(marked, 300, 142, np.random.default_rng(0))
    assert set(train.x["row"]) | set(test.x["row"]) == set(range(442))
    with pytest.raises(ValueError, match="at most 442"):
        split(table, 300, 143, np.random.default_rng(0))
