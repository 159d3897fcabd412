"""Loaders: shapes and counts from the published descriptions, checksums, damaged and missing files."""

import gzip
import hashlib
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.config.registry import build, components
from experiments.datasets import fetch, mnist
from experiments.datasets.base import split
from experiments.datasets.downloaded import Adult, California
from experiments.datasets.files import CorruptData, content, csv_frame, idx_array, lines_digest
from experiments.datasets.mnist import Mnist
from experiments.measurements.base import Unavailable
from tests.conftest import ROOT

FOLDERS = [ROOT / "data", ROOT.parent / "shared" / "data"]
FOLDER = Path(os.environ.get("UTILITY_DATA", next((f for f in FOLDERS if f.is_dir()), FOLDERS[0])))


def loaded(dataset):
    """The table, or the test skipped with the line that fetches it."""
    try:
        return dataset.load(FOLDER)
    except Unavailable as absent:
        pytest.skip(str(absent))


# rows, features, classes, missing cells: from the sets' own descriptions (Adult: 3,620 rows with a missing value hold
# 6,465 of them; California: 207 districts without bedrooms)
KNOWN = {
    "mnist": (70_000, 784, 10, 0), "adult": (48_842, 14, 2, 6_465), "california": (20_640, 9, 0, 207),
    "digits": (1_797, 64, 10, 0), "breast_cancer": (569, 30, 2, 0), "diabetes": (442, 10, 0, 0),
}


@pytest.mark.parametrize("name", components("dataset"))
def test_every_set_has_its_published_size(name):
    table = loaded(build("dataset", {"kind": name}))
    rows, features, classes, missing = KNOWN[name]
    assert (*table.x.shape, table.classes) == (rows, features, classes)
    assert len(table) == len(table.x) == rows
    assert int(table.x.isna().sum().sum()) == missing
    assert len(table.labels) == classes
    if classes:
        assert set(np.unique(table.y)) == set(range(classes))


def test_two_digits_are_all_images_of_these_digits_and_no_others():
    whole, pair = loaded(Mnist()), loaded(Mnist((9, 4)))
    assert len(pair) == np.isin(whole.y, (4, 9)).sum()
    assert pair.labels == ("9", "4")
    nines = whole.x[whole.y == 9].to_numpy()
    np.testing.assert_array_equal(pair.x[pair.y == 0].to_numpy(), nines)


def test_responses_are_the_published_ones():
    assert loaded(Adult()).y.mean() == pytest.approx(0.2393, abs=5e-5)  # 11,687 of 48,842 above 50K
    assert loaded(California()).y.max() == pytest.approx(5.00001)  # capped at 500,001 dollars


def test_missing_files_name_the_command(tmp_path):
    for dataset in (Mnist(), Adult(), California()):
        with pytest.raises(Unavailable, match="make data"):
            dataset.load(tmp_path)


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


def test_csv_content_is_checked_but_not_the_order_of_rows(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,?\n2,x\n")
    digest = lines_digest(b"2,x\r\n1,?\r\na,b\r\n")
    frame = csv_frame(tmp_path, "t.csv", digest)
    assert frame["b"].isna().tolist() == [True, False]
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,?\n")
    with pytest.raises(CorruptData, match=r"t\.csv.*2 lines"):
        csv_frame(tmp_path, "t.csv", digest)


def test_what_is_fetched_is_laid_out_as_the_loaders_expect():
    """A fetcher's frame, made here from the loaded table, becomes files with the known content; labels are texts there."""
    adult = loaded(Adult()).frame().rename(columns={"income": "class"})
    files = fetch.adult_files(adult)
    assert [lines_digest(files[name]) for name, _ in fetch.ADULT_FILES] == [d for _, d in fetch.ADULT_FILES]
    california = loaded(California()).frame()
    california["median_house_value"] = (california["median_house_value"] * 1e5).round()
    name, digest = fetch.CALIFORNIA_FILE
    assert lines_digest(fetch.california_files(california)[name]) == digest
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
