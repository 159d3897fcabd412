"""The audit's output: lines for the terminal and one self-contained page, light and dark."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.audit.core import AuditResult, as_json, run_audit
from experiments.audit.jobs import JobsFailed
from experiments.audit.metrics import measures
from experiments.audit.options import CATALOGUE, AuditOptions, synthetic_tables
from experiments.audit.reading import split_table
from experiments.audit.several import run_several
from experiments.audit.utility import plain
from experiments.engine.store import write_whole
from figures.report import several_page, vector
from figures.report.report import render

LABELS = {"best": "best model"} | {name: model.label for name, model in CATALOGUE.items()}

CAUSES = {
    "none": "no gap to explain",
    "responses": "the responses: with real-like responses at the same features, at least half of the gap goes",
    "specification": "the model's form: it is too rigid for features that are distributed differently; weighting the "
    "synthetic rows towards the real law takes at least half of the gap",
    "features": "the features: regions of real data are missing or rare in the synthetic table",
    "responses and features": "the responses and the features together",
    "no answer": "no answer: the gap does not show on the rows used here",
    "unclear": "unclear: the features cannot be told apart, and other responses do not close the gap",
}


def run(config: Mapping[str, Any]) -> int:
    """Run the audit of a resolved configuration, write and print it, and return the exit code.

    0 whatever the verdict, 3 if a job failed; an `InputError` is left to the caller.
    """
    tables = synthetic_tables(config["audit"]["synthetic"])
    options = AuditOptions(**{**config["audit"], "synthetic": next(iter(tables.values()))})
    if options.split:
        train, test = split_table(options.real, Path(options.split), options.encoding, options.seed)
        print(f"fit the generator to {train}, then audit its table with {train} as the real one and {test} as the test")
        return 0
    output, executor = Path(config["output"]), config["executor"]
    digest = hashlib.sha256(repr((options, *tables.values())).encode()).hexdigest()[:8]  # no audit writes over another
    own = output / "audit" / f"{next(iter(tables)) if len(tables) == 1 else 'several'}-{digest}"
    folder = Path(options.folder) if options.folder else own
    workers = 1 if executor["kind"] == "serial" else executor["workers"]
    try:
        if len(tables) > 1:
            several = run_several(options, tables, output / "store", workers)
            for name, one in several.tables.items():
                write(one, folder / name)
            print(several_page.terminal(several, several_page.write(several, folder)))
        else:
            result = run_audit(options, output / "store", workers)
            print(terminal(result, write(result, folder)))
    except JobsFailed as failed:
        print("\n".join(f"failed: {line}" for line in failed.args))
        return 3
    return 0


def terminal(result: AuditResult, page: Path | None = None) -> str:
    """Return what the command prints: the verdict, the numbers, the warnings, where the page is if there is one."""
    found = result.to_dict()
    risk, label = _risk(found)
    names = labels(found)
    conditional = found["tables"]["conditional"]
    kind = "conditional on these two tables" if conditional else "over training tables of these sizes"
    rows = f"{found['tables']['test_rows']:,} real test rows"
    lines = ["", found["verdict"]["train_sentence"], found["verdict"]["choose_sentence"]]
    lines += [found["verdict"]["new_rows_sentence"], *(f"note: {n}" for n in found["notes"]), ""]
    lines.append(f"{label} on {rows}; gap = synthetic - real, {result.options.level:.0%} interval {kind}")
    lines.append(f"  {'model':<20}{'real':>10}{'synthetic':>11}{'gap':>11}  {'interval':<22}  more plausible cause")
    for model in (found["best"], *found["models"]):
        m, label = model["measures"][risk], names[model["name"]]
        numbers = f"{plain(m['real']):>10}{plain(m['synthetic']):>11}{plain(m['gap']['value'], '+'):>11}"
        ends = f"[{plain(m['gap']['low'], '+')}, {plain(m['gap']['high'], '+')}]"
        cause = found["causes"].get(model["name"], {}).get("cause", "none").replace("none", "")
        lines.append(f"  {label:<20}{numbers}  {ends:<22}  {cause}".rstrip())
    lines.append(f"  {'plain guess':<20}{plain(found['guess'][risk]):>10}")
    auc, null = found["fidelity"]["auc"]["features"], found["fidelity"]["auc"]["null"]
    lines += ["", f"features told apart: AUC {auc['value']:.3f} [{auc['low']:.3f}, {auc['high']:.3f}], "]
    lines[-1] += f"real against real {null['value']:.3f} [{null['low']:.3f}, {null['high']:.3f}]"
    if found["ranking"]:
        tau = found["ranking"]["tau"]
        lines.append(f"ranking: Kendall's tau {tau['value']:.2f} [{tau['low']:.2f}, {tau['high']:.2f}]")
    lines += [f"next: {told}" for told in next_told(found)]
    share = found["tables"]["real_share"]
    lines.append(f"trained on both tables, {share:.0%} of the rows real: the squared distance from the truth is on real ")
    lines[-1] += f"features at most {1 / share:.1f} times that in the joint table, whatever the synthetic features"
    lines += ["", *(f"warning: {w}" for w in found["warnings"]), *([f"report: {page}"] if page else [])]
    return "\n".join(lines)


def next_told(found: Mapping[str, Any]) -> list[str]:
    """Say what more synthetic rows and what mixes would do, a line each; none where it was not asked for."""
    steps = found["next_steps"]
    if steps is None:
        return []
    risk, label = _risk(found)
    factor, unit = (100, " percentage points") if risk == "error" else (1, f" in {label}")
    model, told = labels(found)[steps["model"]], []

    def written(interval: Mapping[str, float]) -> str:
        value, low, high = (plain(float(f"{factor * interval[end]:.2g}"), "+") for end in ("value", "low", "high"))
        return f"{value}{unit} [{low}, {high}]"

    if (curve := steps["curve"]) is None:
        told.append("the synthetic rows are too few to tell what more of them would do")
    else:
        told.append(
            f"twice as many synthetic rows would change the cost of the {model} by {written(curve['doubling'])}, any number "
            f"would leave {written(curve['floor'])}"
        )
    good = 1.0
    for share in sorted(steps["mix"], reverse=True):
        if steps["mix"][share]["high"] > found["verdict"]["tolerance"]:
            break
        good = share
    rows = f"{steps['mix_rows']:,} rows, real and synthetic ones mixed"
    enough = f"from {good:.0%} of real ones upwards" if good < 1 else "with real ones alone"
    only = f"is sure to cost no more than is tolerated only {enough}"
    told.append(f"on {rows}, the {model} {only if good else 'costs no more than is tolerated even without a real one'}")
    return told


def next_drawings(found: Mapping[str, Any]) -> dict[str, Any]:
    """Draw the cost against the synthetic rows and against the share of real ones."""
    steps, (risk, label) = found["next_steps"], _risk(found)
    if steps is None:
        return {}
    factor, unit = (100, "percentage points") if risk == "error" else (1, "positive is worse")

    def rows(labelled: Mapping[str, Mapping[str, float]]) -> list[dict[str, Any]]:
        ends = {name: {end: factor * own[end] for end in ("value", "low", "high")} for name, own in labelled.items()}
        return [{"label": name, "inner": (own["value"],) * 2} | own for name, own in ends.items()]

    axis = f"cost in {label}, {unit}"
    mix = {f"{share:.0%} real{f' (≤ {1 / share:.1f}×)' if share else ''}": own for share, own in steps["mix"].items()}
    drawings = {"mix": vector.intervals(rows(mix), "Cost of mixes of real and synthetic rows", axis)}
    if curve := steps["curve"]:
        sizes = {f"{n:,} rows": own for n, own in zip(curve["rows"][::-1], curve["costs"][::-1], strict=True)}
        sizes["any number (fitted)"] = curve["floor"]
        drawings["sizes"] = vector.intervals(rows(sizes), "Cost against the number of synthetic rows", axis)
    return drawings


def labels(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of the models in words; the user's own are called as he does, shortened where drawings lack room."""
    return {m["name"]: m["name"] if len(m["name"]) <= 20 else f"{m['name'][:19]}…" for m in found["models"]} | LABELS


def _risk(found: Mapping[str, Any]) -> tuple[str, str]:
    """Return the measure that gaps and rankings are about, and its label."""
    name = found["tables"]["risk"]
    return name, measures(found["tables"]["task"] == "classification")[name].label


def write(result: AuditResult, folder: Path) -> Path:
    """Write `audit.json` and `audit.html` into a folder and return the path of the latter."""
    path = folder / "audit.html"
    write_whole(folder / "audit.json", as_json(result))
    write_whole(path, html(result))
    return path


def html(result: AuditResult) -> str:
    """Return the page."""
    return render("audit.html.jinja", context(result), {"plain": plain})


def summary(result: AuditResult) -> str:
    """Return what a notebook shows: the verdict and the table of gaps, as HTML."""
    found = result.to_dict()
    (risk, label), names = _risk(found), labels(found)
    verdict = [found["verdict"][f"{about}_sentence"] for about in ("train", "choose", "new_rows")]
    rows = [(names[m["name"]], m["measures"][risk]) for m in (found["best"], *found["models"])]
    return render("summary.html.jinja", {"lines": verdict + found["notes"], "risk": label, "rows": rows}, {"plain": plain})


def context(result: AuditResult) -> dict[str, Any]:
    """Return what the template needs: the numbers, labels, and drawings."""
    found = result.to_dict()
    risk, label = _risk(found)
    names = labels(found)
    factor, unit = (100, "percentage points") if risk == "error" else (1, label)
    pairs, fidelity, dependence = (found["ranking"] or {}).get("pairs", []), found["fidelity"], found["dependence"]
    gaps, places = [], []
    for model in (found["best"], *found["models"]):
        named, own = {"label": names[model["name"]]}, model["measures"][risk]
        ends = {name: factor * own["gap"][name] for name in ("value", "low", "high")}
        gaps.append(named | ends | {"inner": (factor * own["gap_given"]["low"], factor * own["gap_given"]["high"])})
        places += [] if model is found["best"] else [named | {side: own[side] for side in ("real", "synthetic")}]
    return found | {
        "risk": risk,
        "risk_label": label,
        "labels": names,
        "measures_known": measures(found["tables"]["task"] == "classification"),
        "cause_texts": CAUSES,
        "next_told": next_told(found),
        "verdicts": {(p["first"], p["second"]): p["verdict"] for p in pairs},
        "drawings": {
            "gaps": vector.intervals(gaps, f"Gap of each model in {unit}", f"{label}: synthetic minus real training, {unit}"),
            "places": vector.places(places, "Order of the models after either training", label),
            "curve": vector.curves(fidelity["roc"], fidelity["lowered"], "Held-out and lowered curve"),
            "marginals": [(entry, vector.shares(entry)) for entry in found["marginals"]],
        }
        | next_drawings(found)
        | {t: vector.heat(dependence["columns"], dependence[t], f"Dependence, {t} table") for t in ("real", "synthetic")},
    }
