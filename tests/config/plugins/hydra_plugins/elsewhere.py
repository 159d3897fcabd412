"""A Hydra launcher that runs every job in a process of its own, as those for clusters do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, filter_overrides, run_job, setup_globals
from hydra.plugins.launcher import Launcher
from joblib.externals.loky import get_reusable_executor
from omegaconf import open_dict

ConfigStore.instance().store(group="hydra/launcher", name="elsewhere", node={"_target_": f"{__name__}.Elsewhere"})


class Elsewhere(Launcher):
    def setup(self, *, hydra_context: Any, task_function: Any, config: Any) -> None:
        self.context, self.task, self.config = hydra_context, task_function, config

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        setup_globals()
        Path(self.config.hydra.sweep.dir).mkdir(parents=True, exist_ok=True)
        found = []
        for number, overrides in enumerate(job_overrides, initial_job_idx):
            config = self.context.config_loader.load_sweep_config(self.config, list(overrides))
            with open_dict(config):
                config.hydra.job.id = config.hydra.job.num = number
                config.hydra.job.override_dirname = ",".join(filter_overrides(overrides))
            work = (self.context, self.task, config, Singleton.get_state())
            found.append(get_reusable_executor(max_workers=1).submit(in_process, *work).result())
        return found


def in_process(context: Any, task: Any, config: Any, state: Any) -> JobReturn:
    from hydra.core.hydra_config import HydraConfig

    setup_globals()
    Singleton.set_state(state)
    HydraConfig.instance().set_config(config)
    return run_job(
        hydra_context=context,
        task_function=task,
        config=config,
        job_dir_key="hydra.sweep.dir",
        job_subdir_key="hydra.sweep.subdir",
    )
