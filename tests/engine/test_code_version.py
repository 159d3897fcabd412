"""The version of the code behind a cell: what it sees, and what leaves it as it was."""

import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from experiments.config.compose import experiments_of
from experiments.engine import code_version
from experiments.engine.code_version import CodeGraph, fingerprint, of_modules, roots
from experiments.engine.grid import plan
from tests.conftest import ROOT


def config(learner: str = "knn") -> dict[str, Any]:
    words = ["experiment=convergence", f"learner={learner}", "synthetic_law=beta", "budget=smoke", "n=60"]
    return plan(experiments_of(words)[0].config)[0].config


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for layer in code_version.LAYERS:
        shutil.copytree(ROOT / layer, folder / layer, ignore=shutil.ignore_patterns("__pycache__", "published"))
    return folder


def changes(project: Path, name: str, old: str, new: str) -> bool:
    """Tell whether an edit of one file gives a nearest-neighbour cell another version."""
    asked, path = roots(config()), project / name
    before, text = CodeGraph(project).version(asked), path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    try:
        return CodeGraph(project).version(asked) != before
    finally:
        path.write_text(text)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("experiments/config/registry.py", "no such option of", "no option of"),  # a message
        ("experiments/learners/knn.py", "Keep the samples", "Keep samples"),  # a docstring
        ("experiments/learners/knn.py", "rule = ceil(", "# a comment\n        rule = ceil("),
        ("experiments/learners/poly.py", "degree: Degree = 1", "degree: Degree = 2"),  # another learner
        ("experiments/learners/kernel_smoothers.py", "class LocalLinear", "class Locally"),
        ("experiments/laws/mixtures.py", "import numpy as np", "import numpy as np\n\nSPARE = 1"),
        ("theory/rates.py", "def least_squares_variance(", "def unused() -> None: ...\n\n\ndef least_squares_variance("),
    ],
)
def test_what_the_cell_does_not_run_through_leaves_its_version(project: Path, name: str, old: str, new: str) -> None:
    assert not changes(project, name, old, new)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("experiments/learners/knn.py", "factor: Positive = 0.25", "factor: Positive = 0.26"),  # an attribute of the class
        ("experiments/learners/base.py", "    binary: ClassVar", "    extra = 1\n    binary: ClassVar"),  # its base
        ("experiments/learners/sorted_1d.py", "np.cumsum(", "2 * np.cumsum("),  # a helper of a helper
        ("experiments/measurements/base.py", "np.full(rows, float(value))", "np.full(rows, value)"),
        ("experiments/rng.py", "[seed, crc32", "[1 + seed, crc32"),
        ("experiments/world.py", "ORDER = 16", "ORDER = 17"),  # a constant
        ("theory/rates.py", "slope**2", "slope**3"),  # a formula
        ("theory/measures.py", "import numpy as np", "import numpy as np\n\nnp.seterr(all='raise')"),  # a bare statement
    ],
)
def test_what_the_cell_runs_through_changes_its_version(project: Path, name: str, old: str, new: str) -> None:
    assert changes(project, name, old, new)


def test_names_are_followed_through_imports(tmp_path: Path) -> None:
    """Re-exports, modules, stars and names that cannot be found, in a project made up for it."""
    files = {
        "theory/__init__.py": "from theory.a import f\n",
        "theory/a.py": "from math import pi\ndef f(): return g()\ndef g(): return pi\ndef apart(): return 0\n",
        "experiments/used.py": "one = two = 1\n",
        "experiments/starred.py": "star = 1\n",
        "experiments/root.py": (
            "from theory import f\nfrom experiments import used\nfrom experiments.starred import *\n"
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch\n"
            "class C:\n    def rows(self): return f() + used.one + later()\n"
            "def later():\n    import scipy.stats\n    from theory.a import absent\n"
        ),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    def reached() -> set[tuple[str, str]]:
        return CodeGraph(tmp_path).reached([("experiments.root", "C")])

    assert {("theory.a", "g"), ("math", "pi"), ("experiments.used", "two"), ("experiments.starred", "star")} <= reached()
    assert ("theory.a", "apart") in reached()  # `absent` is not found: all of theory.a
    assert CodeGraph(tmp_path).packages(reached()) == ["scipy"]
    path = tmp_path / "experiments/root.py"
    path.write_text(path.read_text().replace("import absent", "import g"))
    assert ("theory.a", "apart") not in reached()


@pytest.mark.parametrize(
    ("learner", "package", "seen"), [("knn", "numpy", True), ("knn", "torch", False), ("mlp", "torch", True)]
)
def test_versions_of_packages_that_the_cell_runs_through(
    learner: str, package: str, seen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = config(learner), version

    def now() -> str:
        code_version._installed.cache_clear()
        return CodeGraph(ROOT).version(roots(asked))

    before = now()
    assert before == fingerprint(asked)
    with monkeypatch.context() as patch:
        patch.setattr("experiments.engine.code_version.version", lambda name: "0.0" if name == package else real(name))
        assert (now() != before) is seen
    assert now() == before


def test_whole_modules_have_a_version() -> None:
    assert of_modules(["figures.draw"]) == of_modules(["figures.draw", "figures.draw"])
    assert of_modules(["figures.draw"]) != of_modules(["figures.draw", "figures.claims.judge"])
