"""A Hydra launcher that runs every job in a process of its own, as those for clusters do."""

from collections.abc import Sequence

from hydra._internal.core_plugins.basic_launcher import BasicLauncher
from hydra.core.config_store import ConfigStore
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, setup_globals
from joblib.externals.loky import get_reusable_executor

ConfigStore.instance().store(group="hydra/launcher", name="elsewhere", node={"_target_": f"{__name__}.Elsewhere"})


class Elsewhere(BasicLauncher):
    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        setup_globals()
        process = get_reusable_executor(max_workers=1)
        work = [(self, Singleton.get_state(), job, number) for number, job in enumerate(job_overrides, initial_job_idx)]
        return [process.submit(in_process, *one).result() for one in work]


def in_process(launcher: Elsewhere, state: dict[type, object], job: Sequence[str], number: int) -> JobReturn:
    setup_globals()
    Singleton.set_state(state)
    [done] = BasicLauncher.launch(launcher, [job], number)
    return done
