"""What the record is told of a run at its start, and the run's own recording."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from argo_adapters.tapes.recorder import Recorder, recording
from argo_core.backtest.recording import About, Origin
from argo_core.engine.outside import Registration
from argo_core.errors import InvalidInput
from argo_service.config.tree import Settings
from argo_service.fingerprint import config_sha256
from argo_service.record_keys import reveal_key_of


def refuse_recorded_standby(settings: Settings, record: Path | None) -> None:
    """Raise where a process with a standby is to be recorded.

    Raises:
        InvalidInput: it is.
    """
    if record is not None and settings.standby.enabled:
        problem = "what is recorded is one run from its start to its end"
        raise InvalidInput("record", problem, "record without a standby")


async def registration_of(settings: Settings, code: str) -> Registration:
    """The strategy as the log registers it; `code` is the digest of the program.

    Raises:
        InvalidSetting: the key that seals signals cannot be trusted, or cannot be made.
        LogUnavailable: its folder cannot be made.
    """
    return Registration(
        log=settings.log.name,
        strategy=settings.log.strategy,
        code_sha256=code,
        config_sha256=config_sha256(settings),
        seed=settings.seed,
        reveal_after_s=settings.log.sealed_s,
        reveal_key=await asyncio.to_thread(reveal_key_of, settings),
    )


@asynccontextmanager
async def recorded_into(
    record: Path | None, settings: Settings, registration: Registration, *, simulated: bool
) -> AsyncIterator[Recorder | None]:
    """What writes all that the engine is told to the new file `record`; None where there is none.

    Raises:
        InvalidInput: the recording is there already, or cannot be made.
    """
    if record is None:
        yield None
        return
    origin = Origin.SIMULATED if simulated else Origin.LIVE
    about = About.of(registration, settings.profile(), settings.instruments(), origin)
    async with recording(record, about) as recorder:
        yield recorder
