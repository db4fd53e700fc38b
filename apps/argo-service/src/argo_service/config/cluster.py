"""Where cycles are decided: in this process, or by shards on others."""

import re
from pathlib import Path
from typing import Final

from attrs import Attribute, field, frozen

from argo_core.engine.shards.sharding import MOST_SHARDS
from argo_core.errors import InvalidInput
from argo_service.config import checks

MOST_PROCESSES: Final = 256
_ADDRESS: Final = re.compile(r"(tcp|tls)://[^\s/]+:\d{1,5}")


def _scheduler(_instance: object, attribute: "Attribute[str | None]", value: str | None) -> None:
    if value is not None and not _ADDRESS.fullmatch(value):
        problem = f"{value[:60]!r} is no address of a Dask scheduler"
        raise InvalidInput(attribute.name, problem, "write it like tcp://127.0.0.1:8786")


def _workers(_instance: object, attribute: "Attribute[int]", value: int) -> None:
    if not 0 <= value <= MOST_PROCESSES:
        problem = f"{value} is no number of processes"
        raise InvalidInput(attribute.name, problem, f"give 0 to {MOST_PROCESSES}")


def _shards(_instance: object, attribute: "Attribute[int]", value: int) -> None:
    if not 1 <= value <= MOST_SHARDS:
        problem = f"{value} is no number of shards"
        raise InvalidInput(attribute.name, problem, f"give 1 to {MOST_SHARDS}")


@frozen
class Cluster:
    """Workers of the Dask `scheduler`, or so many `workers` here; without either nobody else.

    The symbols are cut into `shards`, and what is not decided after `deadline_s` misses the cycle.
    A scheduler at tls:// is asked with the three `tls_…` files.
    """

    scheduler: str | None = field(default=None, validator=_scheduler)
    workers: int = field(default=0, validator=_workers)
    shards: int = field(default=8, validator=_shards)
    deadline_s: float = field(default=1.0, validator=checks.seconds)
    tls_ca_file: Path | None = None
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None

    def __attrs_post_init__(self) -> None:
        if self.scheduler is not None and self.workers:
            problem = "there is a scheduler as well"
            raise InvalidInput("workers", problem, "name one or the other")
        given = [self.tls_ca_file, self.tls_cert_file, self.tls_key_file]
        if self.scheduler is not None and self.scheduler.startswith("tls:") and None in given:
            problem = "a scheduler at tls:// wants three files"
            raise InvalidInput("tls_ca_file", problem, "name tls_ca_file, tls_cert_file and key")
