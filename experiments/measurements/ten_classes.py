"""The twin of a table with many classes: normal laws fitted to its classes are the truth, so that everything is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import softmax

from experiments.config.registry import ConfigError, Count, component, whole
from experiments.datasets.base import Table
from experiments.datasets.files import data_folder
from experiments.laws.base import ProductLaw
from experiments.laws.mixtures import MixtureLaw
from experiments.learners.base import Array
from experiments.measurements.base import Cell, Columns, Measurement, constant
from experiments.measurements.utility import signed_gap, utility
from experiments.models.base import Model
from experiments.rng import stream
from theory.classification import ClassificationCurve, classification_utility_bound
from theory.fidelity import total_variation
from theory.measures import PairedMeasure
from theory.multiclass import MulticlassCurve
from theory.transfer import TransferCurve

Labels = NDArray[np.intp]


@component("measurement", "ten_classes")
@dataclass(frozen=True)
class TenClasses(Measurement):
    """0-1 loss with all classes of a table at once, in a simulated twin of the table.

    Real features follow one normal law for each class, with the class's mean on `components` principal components and the
    covariance that the classes share; real labels the class probabilities that these laws imply. Synthetic features follow
    `synthetic_law` in coordinates where real ones have mean 0 and variance 1; synthetic labels the probabilities that the
    model estimates from the real sample. Risks, errors and bounds (theory/README.md 5.9) come from one sampled pair of
    `nodes` nodes.
    """

    components: Count = 6
    nodes: Annotated[int, whole(50)] = 4000

    axes: ClassVar[tuple[str, ...]] = ("dataset", "synthetic_law", "model", "n", "ratio")

    def check(self, cell: Cell) -> None:
        """Require a table of classes and a model for it."""
        table = cell.parts["dataset"].load(data_folder())
        if table.classes < 2 or not cell.parts["model"].serves(table):
            raise ConfigError("dataset: expected classes and a model that serves them")

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate: risks, errors and bounds."""
        law_p = twin(cell.parts["dataset"].load(data_folder()), self.components)
        law_q = cell.parts["synthetic_law"].on(law_p.dim)
        pair = PairedMeasure.sampled(law_p, law_q, self.nodes, stream(cell.seed, "nodes"))
        eta = posterior(law_p, pair.nodes)
        found = list(_fits(cell, law_p, law_q, pair.nodes))
        columns = {"replicate": np.array(cell.indices)}
        columns |= _measured(pair, eta, *(np.stack(each) for each in zip(*found)))
        return columns | {
            "total_variation": constant(total_variation(pair), cell.replicates),
            "uncovered": constant(TransferCurve(pair).uncovered, cell.replicates),
        }


def twin(table: Table, components: int) -> MixtureLaw:
    """Return the mixture of normal laws, one for each class: its mean, and the common covariance, made diagonal."""
    x = table.x.to_numpy(dtype=np.float64)
    left = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[0][:, :components] * len(x) ** 0.5
    shares = np.bincount(table.y, minlength=table.classes) / len(x)
    means = np.stack([left[table.y == c].mean(axis=0) for c in range(table.classes)])
    spreads, axes = np.linalg.eigh(np.cov((left - means[table.y]).T, bias=True))
    laws = (ProductLaw(tuple(stats.norm(m, s**0.5) for m, s in zip(mean, spreads))) for mean in means @ axes)
    return MixtureLaw(tuple(shares.tolist()), tuple(laws))


def posterior(law: MixtureLaw, x: Array) -> Array:
    """Return the probabilities `(N, k)` of the parts of a mixture at points `(N, p)`."""
    return np.asarray(softmax(np.stack([part.log_density(x) for part in law.laws], axis=1) + np.log(law.weights), axis=1))


def _fits(cell: Cell, law_p: MixtureLaw, law_q: Any, nodes: Array) -> Iterator[tuple[Array, Array]]:
    """Yield, for each replicate, the probabilities at the nodes after real and after synthetic training."""
    model, k = cell.parts["model"], len(law_p.laws)
    for i in cell.indices:
        x = law_p.sample(stream(cell.seed, "real/features", i), cell.n)
        real = _fitted(model, x, _labels(posterior(law_p, x), stream(cell.seed, "real/noise", i)), k)
        x = law_q.sample(stream(cell.seed, "synthetic/features", i), cell.m)
        synthetic = _fitted(model, x, _labels(_probabilities(real, x, k), stream(cell.seed, "synthetic/noise", i)), k)
        yield _probabilities(real, nodes, k), _probabilities(synthetic, nodes, k)


def _fitted(model: Model, x: Array, y: Labels, classes: int) -> Any:
    return model.estimator(0, classes).fit(pd.DataFrame(x), y)


def _probabilities(fitted: Any, x: Array, classes: int) -> Array:
    """Probabilities `(N, k)`, 0 for a class that training did not have."""
    made = np.zeros((len(x), classes))
    made[:, fitted.classes_] = fitted.predict_proba(pd.DataFrame(x))
    return made


def _labels(probability: Array, rng: np.random.Generator) -> Labels:
    passed = rng.random((len(probability), 1)) > np.cumsum(probability, axis=1)[:, :-1]
    return np.asarray(passed.sum(axis=1))


def _measured(pair: PairedMeasure, eta: Array, real: Array, synthetic: Array) -> Columns:
    """Risks, errors and bounds of all replicates; the fit on real data, `real (R, N, k)`, is also the law of the responses."""
    curve = MulticlassCurve(pair, eta)
    seen = pair.p > 0
    on_real = MulticlassCurve(PairedMeasure(pair.nodes[seen], pair.p[seen], pair.p[seen]), eta[seen])
    excess_real, excess_synthetic = curve.excess(real), curve.excess(synthetic)
    inner, response = (np.einsum("rnk,n->rk", each**2, pair.q) for each in (synthetic - real, real - eta))
    e_s, e_r = np.sqrt(inner.sum(axis=1)), np.sqrt(response.sum(axis=1))
    error = (e_s + e_r) ** 2
    of_pairs = _pairwise(pair, eta, inner, response)
    spent = np.array([curve.excess(curve.worst(a)) for a in error])
    gap = signed_gap(excess_synthetic, excess_real)
    return {
        "excess_real": excess_real,
        "excess_synthetic": excess_synthetic,
        "excess_largest": np.maximum(excess_synthetic, spent),
        "gap": gap,
        "utility": utility(gap),
        "e_s": e_s,
        "e_r": e_r,
        "error": error,
        "sup_norm": np.ones(len(error)),
        "bound": classification_utility_bound(curve, e_s, e_r, excess_real),
        "bound_classes": curve.bound(error),
        "bound_untransferred": on_real.bound(error),
        "bound_pairs": of_pairs.sum(axis=0),
        "bound_largest_pair": of_pairs.max(axis=0),
        # |f - η|² <= 2, and what a wrong class loses is at most 2^(1/2) |f - η|
        "bound_crude": np.sqrt(2 * TransferCurve(pair).bound(error, 2**0.5)),
    }


def _pairwise(pair: PairedMeasure, eta: Array, inner: Array, response: Array) -> Array:
    """Bounds of wrong decisions between two classes, for each pair of them and each replicate, from the pair's own error."""
    best, bounds = eta.argmax(axis=1), []
    for i, j in combinations(range(eta.shape[1]), 2):
        margin = np.where((best == i) | (best == j), eta[:, i] - eta[:, j], 0.0)
        error = (np.sqrt(inner[:, i] + inner[:, j]) + np.sqrt(response[:, i] + response[:, j])) ** 2
        bounds.append(ClassificationCurve(pair, (1 + margin) / 2).bound(error / 2))
    return np.stack(bounds)
