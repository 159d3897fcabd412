"""Compose the configuration, run what is asked, print the verdicts, set the exit code."""

import os
import sys

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
os.environ.update(dict.fromkeys(THREADS, "1"))  # one thread a cell: thread counts change the bits of matrix products

import hydra  # noqa: E402
from hydra.core.hydra_config import HydraConfig  # noqa: E402
from omegaconf import DictConfig  # noqa: E402

from experiments.config.compose import experiments_of, jobs, listing, swept  # noqa: E402
from experiments.config.registry import ConfigError  # noqa: E402
from figures.commands import asked, run  # noqa: E402

USAGE = """usage: python run.py [KEY=VALUE ...]        experiment=all budget=quick unless said otherwise
       python run.py -m KEY=A,B ...       one run for each value, with any Hydra launcher
       python run.py compare=FOLDER,FOLDER experiment=NAME    lay finished runs side by side
       python run.py publish=paper        write tables and images of finished runs to figures/published
       python run.py draw=published       redraw the figures from these tables
budget=smoke|quick|paper   executor=serial|processes|dask   executor.workers=2   seed=2023   'n=[250,500]'   replicates=20
"""


def main(words: list[str]) -> int:
    """Run the command line and return the exit code: 0, 1, 2, 3 or 130 (what each says: README.md)."""
    if {"-h", "--help"} & set(words):
        print(USAGE + "\n" + listing())
        return 0
    try:
        if {"-m", "--multirun"} & set(words) and asked(words) is None:
            return sweep()
        return run(words)
    except ConfigError as mistake:
        print(f"error: {mistake}", file=sys.stderr)
        return 2
    except OSError as trouble:
        print(f"error: {trouble}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ninterrupted: finished cells are kept; the same command goes on from here", file=sys.stderr)
        return 130


def sweep() -> int:
    """Hand the command line to Hydra's multirun; every job runs through the same store."""
    codes = []

    def job(_: DictConfig) -> None:
        codes.append(run(list(HydraConfig.get().overrides.task)))

    os.environ["HYDRA_FULL_ERROR"] = "1"
    sys.argv[1:] = map(swept, sys.argv[1:])
    for words in jobs([w for w in sys.argv[1:] if not w.startswith(("-", "hydra"))]):
        experiments_of(words)  # a mistake in one value is answered before the first job runs
    hydra.main(version_base="1.3", config_path="conf", config_name="config")(job)()
    return max(codes, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
