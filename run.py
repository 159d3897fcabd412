"""The whole story: compose the configuration, plan cells, compute what is missing, judge, draw, report, exit code."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from experiments.config import process

try:
    import hydra  # noqa: F401
except ModuleNotFoundError:
    print("error: hydra is not installed here: source .venv/bin/activate (`make reproduce` makes .venv)", file=sys.stderr)
    sys.exit(2)
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from experiments.config.compose import Experiment, experiments_of, listing
from experiments.config.launch import launch
from experiments.config.registry import ConfigError

answered = partial(process.answered, mistakes=(HydraException, OmegaConfBaseException))

# Everything heavier is imported where it is used: a mistake on the command line is answered at once.

USAGE = """usage: python run.py [KEY=VALUE ...]        experiment=all budget=quick unless said otherwise
       python run.py -m KEY=A,B ...       one run for each value, with any Hydra launcher
       python run.py compare=FOLDER,FOLDER experiment=NAME    lay finished runs side by side
       python run.py publish=paper        write tables and images of finished runs to figures/published
       python run.py levels=paper         simulate level and power of every claim of finished runs
       python run.py draw=published       redraw the figures from these tables
budget=smoke|quick|paper   executor=serial|processes|dask   executor.workers=2   seed=2023   'n=[250,500]'   verbose=true
Hydra's own flags (--cfg job, --info, --config-dir FOLDER, ...): python run.py --hydra-help
"""

COMMANDS = {
    "publish": (("figures.publish", "publish"), ("experiment", "output", "data.dir")),
    "levels": (("figures.report.evidence", "simulate"), ("experiment", "output", "data.dir")),
    "draw": (("figures.publish", "redraw"), ("experiment", "output")),
    "compare": (("figures.report.comparison", "compare"), ("experiment", "output")),
}
"""The words that look at finished runs: what each calls, and the keys that may stand beside it."""


def main(words: list[str]) -> int:
    """Run the command line and return the exit code: 0, 1, 2, 3, 130 or 143 (what each says: docs/running.md)."""
    if {"-h", "--help"} & set(words):
        return answered(lambda: print(USAGE + "\n" + listing()) or 0)
    if any(word.startswith("-") for word in words):
        return answered(lambda: launch(words, main))
    return answered(lambda: look(words) if command_of(words) else run(experiments_of(words)))


def command_of(words: Sequence[str]) -> str | None:
    """Return the first word that looks at finished runs, None where the command line asks for a run."""
    return next((w for w in words if w.partition("=")[0] in COMMANDS), None)


def look(words: Sequence[str]) -> int:
    """Look at finished runs: publish, draw or compare them."""
    word = command_of(words) or ""
    key, _, value = word.partition("=")
    (module, function), keys = COMMANDS[key]
    rest = [w for w in words if w is not word]
    for other in rest:
        if other.partition("=")[0] not in keys:
            raise ConfigError(f"{key}: takes only {', '.join(f'{k}=' for k in keys)} beside it, got {other}")
    code: int = getattr(import_module(module), function)(value, rest)
    return code


def run(experiments: Sequence[Experiment]) -> int:
    """Run composed experiments, all of one output folder, budget and executor, and return the exit code.

    0 everything as expected; 1 a claim violated, or a control or identity not as expected; 3 a cell, rule or figure failed.
    """
    audits = [e for e in experiments if e.name == "audit"]
    code = max((audit(e.config) for e in audits), default=0)
    if len(audits) == len(experiments):
        return code

    from experiments.engine.executors import Executor
    from experiments.engine.run import drop_unusable, planned_cells, run_cells
    from experiments.engine.store import Store, locked, sweep
    from figures.claims import judge, records
    from figures.claims.verdict_cache import concluded
    from figures.report import report

    for experiment in experiments:
        judge.check(experiment)
    planned = [planned_cells(e) for e in experiments if e.name != "audit"]
    config = planned[0][0].config
    output = Path(config["output"])
    output.mkdir(parents=True, exist_ok=True)
    store = Store(output / "store")
    sweep(store.root)
    cells = list({c.key: c for _, own, _ in planned for c in own}.values())
    for line in drop_unusable(cells, store.root):
        print(line)
    title = planned[0][0].name if len(planned) == 1 else f"{len(planned)} experiments"
    failures = run_cells(cells, store.root, Executor(**config["executor"]), title)
    with locked(output):
        workers = config["executor"]["workers"] if config["executor"]["kind"] == "processes" else 1
        done = concluded(planned, {f.key for f in failures}, store, workers)
        folders = list(dict.fromkeys(e.folder for e, _, _ in planned))
        for folder in folders:
            fresh = [c for (e, _, _), (own, _) in zip(planned, done) if e.folder == folder for c in own]
            records.merge(folder, fresh, report.order())
        entries, undrawn = [c for fresh, _ in done for c in fresh], [why for _, why in done if why]
        print(records.table(entries, config["verbose"]) or "no claims: measured and drawn")
        for folder in folders:
            print(f"report: {report.write(folder, store.root)}")
        for experiment in (e for e, _, _ in planned if e.changes):
            from figures.report import comparison

            if (beside := comparison.write(experiment.base, experiment.name)) is not None:
                print(f"side by side: {beside}")
    for failure in failures:
        print(f"failed: {failure} (traceback: {store.root}/failed/{failure.key}.json)")
    for why in undrawn:
        print(f"failed: {why}")
    broken = failures or undrawn or any(map(records.rule_failed, entries))
    return max(code, 3 if broken else 0 if all(map(records.as_expected, entries)) else 1)


def audit(config: Mapping[str, Any]) -> int:
    """Answer what can be seen wrong at once, then audit and return the exit code."""
    from experiments.audit.columns import check_heads
    from experiments.audit.options import AuditOptions, synthetic_tables

    paths = list(synthetic_tables(config["audit"]["synthetic"]).values())
    check_heads(AuditOptions(**config["audit"] | {"synthetic": paths[0]}), paths)
    from figures.report import audit_page

    return audit_page.run(config)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
