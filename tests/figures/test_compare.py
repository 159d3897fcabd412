"""`compare=`: two runs of one experiment side by side, the claims that differ, mistakes in a line."""

from pathlib import Path

import pytest

from experiments.config.compose import experiments_of
from experiments.config.registry import ConfigError
from figures.report.comparison import changes
from figures.report.variants import Variant, variants
from run import look, run

WORDS = ["experiment=specification", "budget=smoke", "executor=serial", "task=parabola", "learner=linear", "synthetic_law=beta"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The folders of two runs that differ in their seeds."""
    folders = []
    for seed in (1, 2):
        words = [*WORDS, "replicates=3", f"seed={seed}", f"output={tmp_path_factory.getbasetemp() / 'compared'}"]
        assert run(experiments_of(words)) in (0, 1)
        folders.append(experiments_of(words)[0].folder)
    return folders


def compare(folders: list[Path], *words: str) -> int:
    return look([f"compare={','.join(map(str, folders))}", *words])


def test_two_runs_side_by_side(runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(runs[::-1], "experiment=specification", f"output={tmp_path}") == 0
    printed = capsys.readouterr().out
    first, second = printed.index("seed=2"), printed.index("seed=1")
    assert first < second, "in the order asked for"
    path = tmp_path / "compare" / "specification.html"
    assert printed.endswith(f"side by side: {path}\n")
    page = path.read_text(encoding="utf-8")
    assert "seed=1" in page
    assert "seed=2" in page
    assert "2 runs side by side" in page


def entry(verdict: str, value: float, slug: str = "both-faults") -> dict[str, object]:
    evidence = {"n": 3, "estimates": [{"name": "gap", "value": value}], "counts": {}}
    return {"id": f"x/{slug}", "kind": "claim", "verdict": verdict, "evidence": evidence, "reason": f"gap {value}"}


def variant(label: str, *claims: dict[str, object]) -> Variant:
    return Variant(label, Path(label), list(claims), "", None)  # type: ignore[arg-type]


def test_claims_that_differ_are_listed_and_no_others() -> None:
    one = variant("a", entry("holds", 1.0), entry("holds", 3.0, "same"), entry("holds", 5.0, "gone"))
    two = variant("bb", entry("holds", 2.0), entry("holds", 3.0, "same"))
    assert changes([one, two]).splitlines() == [
        "2 of 3 claims, controls and identities differ",
        "x/both-faults (claim)", "  a   holds        gap 1.0", "  bb  holds        gap 2.0",
        "x/gone (claim)", "  a   holds        gap 5.0", "  bb  not there",
    ]
    assert changes([one, one]) == "0 of 3 claims, controls and identities differ"


def test_runs_with_the_same_words_are_told_apart(runs: list[Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("claims.json", "changes.json"):
        (copy / name).write_bytes((runs[0] / name).read_bytes())
    found = variants([runs[0], copy], "specification")
    assert len({v.label for v in found}) == 2
    text = (copy / "claims.json").read_text().replace('"budget": "smoke"', '"budget": "quick"')
    (copy / "claims.json").write_text(text)
    assert {v.label for v in variants([runs[0], copy], "specification")} == {
        "as configured, smoke",
        "as configured, quick",
    }


@pytest.mark.parametrize(
    ("chosen", "words", "said"),
    [
        ([0], ["experiment=specification"], "compare: expected two folders, as in compare=outputs/quick,outputs/paper"),
        ([0, 0], ["experiment=specification"], "compare: expected two folders"),
        ([0, 1], ["experiment=convergence"], "compare: no run of convergence in "),
        ([0, 2], ["experiment=specification"], "compare: no run of specification in nowhere"),
        ([0, 1], ["experiment=specificatio"], "experiment: unknown experiment 'specificatio' (did you mean"),
        ([0, 1], [], "compare: expected one experiment, as in experiment=convergence"),
        (
            [0, 1],
            ["experiment=specification", "seed=1"],
            "compare: takes only experiment=, output= beside it, got seed=1",
        ),
    ],
)
def test_mistakes_are_answered_in_a_line(runs: list[Path], chosen: list[int], words: list[str], said: str) -> None:
    with pytest.raises(ConfigError) as told:
        compare([[*runs, Path("nowhere")][i] for i in chosen], *words)
    assert str(told.value).startswith(said)
    assert "\n" not in str(told.value)
