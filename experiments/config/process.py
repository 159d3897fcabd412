"""What every command does around its work: one thread for each of the libraries, mistakes in one line, the exit code."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from experiments.config.registry import ConfigError

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
os.environ.update(dict.fromkeys(THREADS, "1"))  # one thread per cell: thread counts change the bits of matrix products


def answered(work: Callable[[], int], mistakes: tuple[type[Exception], ...] = ()) -> int:
    """Do the work and return its exit code; every mistake and every trouble of the environment becomes one line.

    `mistakes` are errors to answer besides `ConfigError` and `OSError`. A plain `kill` (SIGTERM) is answered as Ctrl-C is.
    """
    if threading.current_thread() is threading.main_thread():  # elsewhere Python takes no handlers
        signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = work()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ConfigError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except mistakes as error:
        print(f"error: {str(error).splitlines()[0]}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as interrupt:
        print("\ninterrupted: finished cells are kept; the same command goes on from here", file=sys.stderr)
        return 128 + int((*interrupt.args, signal.SIGINT)[0])
    return code


def _interrupt(number: int, _: Any) -> None:
    raise KeyboardInterrupt(number)
