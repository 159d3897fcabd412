import re
from pathlib import Path

import theory

FOLDER = Path(theory.__file__).parent
REFERENCE = re.compile(r"theory/README\.md (\d(?:\.\d+)?(?:(?:, | and | to )\d(?:\.\d+)?)*)")


def test_exports_resolve_and_include_the_promised_names():
    for name in theory.__all__:
        assert getattr(theory, name).__doc__, name
    promised = """PairedMeasure TransferCurve fidelity_constant fidelity_bound best_fidelity_bound utility_bound
        projection misspecification_limit misspecification_bound ClassificationCurve low_noise_constant low_noise_bound
        composed_bound ranking_tolerance worst_response knn_prior_bound total_variation chi_square kl
        squared_hellinger"""
    assert set(promised.split()) <= set(theory.__all__)


def test_every_statement_referred_to_stands_in_the_readme():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    stated = set(re.findall(r"^\*\*(\d\.\d+)", text, flags=re.M)) | set(re.findall(r"^## (\d) \w", text, flags=re.M))
    for path in FOLDER.glob("*.py"):
        for reference in REFERENCE.findall(path.read_text(encoding="utf-8")):
            assert set(re.findall(r"\d(?:\.\d+)?", reference)) <= stated, (path.name, reference)
