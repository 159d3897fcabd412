"""Tables from other tools: read by name, brought into type, refused with a reason."""

import hashlib

import numpy as np
import pytest

from experiments.datasets.files import CorruptData
from experiments.generators.table import FromFile
from experiments.measurements.base import Unavailable
from tests.generators.test_contract import real


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("UTILITY_DATA", str(tmp_path))
    return tmp_path


def _fit(**options):
    return FromFile(**options).fit(real("classes"), np.random.default_rng(0))


def test_rows_come_from_the_file_each_at_most_once(folder):
    real("classes").frame().assign(length=np.arange(160.0)).to_csv(folder / "made.csv", index=False)
    made = _fit(file="made.csv")(100, np.random.default_rng(1))
    assert made.x["length"].nunique() == 100
    np.testing.assert_array_equal(made.y, real("classes").y[made.x["length"].astype(int)])
    with pytest.raises(ValueError, match="at most 160"):
        _fit(file="made.csv")(161, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f.drop(columns="count"), "not found: count"),
        (lambda f: f.assign(target="z"), "among p, q, r, got 'z'"),
        (lambda f: f.assign(length="long"), "numbers in column 'length'"),
        (lambda f: f.assign(length=np.nan), "length"),
    ],
)
def test_unfit_files_are_refused(folder, spoil, message):
    spoil(real("classes").frame()).to_csv(folder / "synthetic.csv", index=False)
    with pytest.raises(ValueError, match=message):
        _fit()


def test_absent_file_and_wrong_checksum(folder):
    with pytest.raises(Unavailable):
        _fit()
    real("classes").frame().to_csv(folder / "synthetic.csv", index=False)
    digest = hashlib.sha256((folder / "synthetic.csv").read_bytes()).hexdigest()
    _fit(sha256=digest[:12])
    with pytest.raises(CorruptData, match="SHA-256"):
        _fit(sha256="0" * 12)
