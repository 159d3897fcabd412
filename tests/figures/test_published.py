"""Publishing: what is written of a finished run, what is refused, and the figures drawn again from it."""

import json
import re
from pathlib import Path

import pytest

from experiments.config.compose import names, stem
from experiments.config.registry import ConfigError
from figures.publish import PUBLISHED, notes, publish, redraw
from run import look, main

WORDS = ["experiment=specification", "executor=serial"]
PLACE = re.compile(r"(?<![\w.])/(home|work|tmp|root|Users|mnt|data)/")


def test_what_is_published_is_small_and_names_no_place() -> None:
    files = [p for p in PUBLISHED.iterdir() if p.is_file()]
    assert sum(p.stat().st_size for p in files) < 25e6
    for path in files:
        if path.suffix in (".csv", ".json", ".md", ".yaml"):
            assert path.stat().st_size < 2e6
            assert not PLACE.search(path.read_text(encoding="utf-8")), path.name


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A smoke run of one experiment."""
    output = tmp_path_factory.mktemp("published")
    assert main([*WORDS, "budget=smoke", f"output={output}"]) in (0, 1)
    return output


@pytest.fixture(scope="module")
def folder(finished: Path) -> Path:
    """What is published of it."""
    target = finished / "kept"
    assert publish("smoke", ["experiment=specification", f"output={finished}"], target) == 0
    return target


def test_estimates_images_caption_and_configuration_are_published(finished: Path, folder: Path) -> None:
    suffixes = [".csv", ".json", ".png", ".svg", ".yaml"]
    assert sorted(p.suffix for p in folder.glob("specification.*")) == suffixes
    run = finished / "smoke" / "figures" / "specification"
    assert (folder / "specification.csv").read_bytes() == run.with_suffix(".csv").read_bytes()
    [note] = notes(folder)
    assert note["caption"] == json.loads(run.with_suffix(".json").read_text(encoding="utf-8"))["caption"]
    provenance = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["specification"]
    assert (provenance["budget"], provenance["seed"]) == ("smoke", 2023)
    assert {"commit", "date", "packages", "python", "cells"} <= set(provenance)
    for path in folder.iterdir():
        assert str(finished).encode() not in path.read_bytes()


def test_publishing_again_changes_no_byte(finished: Path, folder: Path, tmp_path: Path) -> None:
    publish("smoke", ["experiment=specification", f"output={finished}"], tmp_path)
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_a_published_run_is_drawn_again(finished: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert redraw("published", [f"output={finished}"], folder) == 0
    printed = capsys.readouterr().out
    claims = [c for c in json.loads((finished / "smoke" / "claims.json").read_text(encoding="utf-8")) if c["kind"] == "claim"]
    assert f"0 of {len(claims)} claims hold, {len(claims)} open" in printed, "sizes of smoke settle nothing"
    assert all(c["id"] in printed for c in claims), "what is open is told with its reason"
    assert (finished / "published" / "specification.png").read_bytes() == (folder / "specification.png").read_bytes()


def test_runs_that_lack_cells_are_not_published(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError, match="no complete run"):
        publish("quick", ["experiment=specification,fidelity", f"output={finished}"], tmp_path)
    printed = capsys.readouterr().out
    assert re.search(r"not published: specification: of (\d+) cells \1 are missing and 0 are of another", printed)
    assert "not published: fidelity" in printed
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["draw=publishd"], "draw: expected published, got 'publishd' (did you mean 'published'?)"),
        (["publish=papr"], "publish: unknown budget 'papr' (did you mean 'paper'?)"),
        (["publish=paper", "seed=3"], "publish: takes only experiment=, output=, data.dir= beside it, got seed=3"),
        (["-m", "publish=paper"], "publish: takes only experiment=, output=, data.dir= beside it, got -m"),
        (["publish=paper", "experiment=specificatio"], "experiment: unknown experiment 'specificatio'"),
        (["draw=published", "publish=paper"], "draw: takes only experiment=, output= beside it, got publish=paper"),
    ],
)
def test_mistakes_are_answered_in_a_line(words: list[str], said: str) -> None:
    with pytest.raises(ConfigError) as told:
        look(words)
    assert str(told.value).startswith(said)
    assert "\n" not in str(told.value)


def test_experiments_have_names_that_differ_as_files() -> None:
    files = [stem(name) for name in names()]
    assert len(set(files)) == len(files)
