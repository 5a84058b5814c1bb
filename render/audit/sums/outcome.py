"""Outcome of what a Dask cluster was asked for: waited for, with one line for what ends a cluster in the middle."""

from __future__ import annotations

import logging
import time
from concurrent.futures import CancelledError
from typing import Any

LOOK_SECONDS = 2.0  # between two looks at the workers
GONE_SECONDS = 30.0  # without a worker; one that a nanny starts again is there sooner


def of(client: Any, future: Any) -> Any:
    """What a future gives, once it is there. A worker that ends is no matter while there are others.

    Raises ValueError where no worker is left, where rows end one worker after another, where the scheduler is gone, and
    where a worker lacks a package; and what the task itself raised.
    """
    from distributed import KilledWorker, wait

    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # to whom a lost connection is many lines
    address, gone_since = client.scheduler.address, None
    try:
        while not future.done():
            try:
                wait([future], timeout=LOOK_SECONDS)
            except TimeoutError as error:
                if client.nthreads():
                    gone_since = None
                    continue
                gone_since = gone_since or time.monotonic()
                if time.monotonic() - gone_since >= GONE_SECONDS:
                    raise ValueError(
                        "no Dask worker is left, all have ended in the middle: look at what they printed, and start "
                        "them again"
                    ) from error
        return future.result()
    except KilledWorker as error:
        raise ValueError(
            f"{error.allowed_failures + 1} Dask workers have ended at the same rows: look at what they printed; where "
            f"memory ended, give them more of it, or say --chunk-rows"
        ) from error
    except (CancelledError, OSError) as error:
        if isinstance(error, OSError) and client.status == "running":
            raise  # which the task raised
        raise ValueError(f"the Dask scheduler at {address} is gone: start it and its workers again") from error
    except ImportError as error:
        raise ValueError(
            f"a Dask worker lacks the package {error.name}: install frame-potential there as it is here"
        ) from error


__all__ = ["of"]
