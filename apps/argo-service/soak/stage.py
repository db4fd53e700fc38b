"""What all processes of a soak know: the clock, the vendors' port, the servers, the folder."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, cast

import orjson
from attrs import asdict, evolve, frozen

from argo_adapters.simulator.app import Simulator
from argo_adapters.tapes.file import shipped
from argo_core.backtest.tape import Tape
from argo_core.resilience.secret import Secret
from argo_service.config.standby import Standby
from argo_service.config.tree import Settings
from argo_service.demo.stage import point_at
from soak.clock import StageClock, Step

TAPE: Final = "ordinary-day"
OPENED: Final = timedelta(minutes=30)
_LEAST_LEASE_S: Final = 1.0


@frozen
class Stage:
    """`origin` is the recording's moment at `since` of the machine's monotonic clock."""

    origin: str
    since: float
    speed: float
    vendors: int
    redis: str
    database: str
    owner: str
    folder: str

    @property
    def tape(self) -> Tape:
        return shipped(TAPE)

    @property
    def limits(self) -> bool:
        """Simulated vendors enforce theirs."""
        return True

    @property
    def _lease_s(self) -> float:
        """As long in the recording as in service, if a loaded machine can renew it in that time."""
        return max(_LEAST_LEASE_S, Standby().lease_s / self.speed)

    def url(self, vendor: str) -> str:
        """A vendor's base address."""
        return f"http://127.0.0.1:{self.vendors}/{vendor}"

    def clock(self, who: str) -> StageClock:
        """The clock of one process."""
        step = Step(Path(self.folder) / f"{who}.step")
        return StageClock(datetime.fromisoformat(self.origin), self.since, self.speed, step)

    def settings(self, colour: str) -> Settings:
        """Argo's settings for this stage: a log in PostgreSQL, shared state, trading on paper.

        Each colour stands by for the others.
        """
        own = Settings()
        own = evolve(own, trading=evolve(own.trading, enabled=True))
        # Only addresses are asked of it, and those it gives as the simulator itself does.
        simulator = cast("Simulator", self)
        pointed = point_at(simulator, own, self.tape, (), Path(self.folder) / "argo.sqlite3")
        return evolve(
            pointed,
            log=evolve(
                pointed.log, database_url=Secret(self.database), owner_url=Secret(self.owner)
            ),
            redis=evolve(pointed.redis, url=Secret(self.redis), namespace="soak"),
            reasoning=evolve(pointed.reasoning, enabled=True),
            standby=evolve(pointed.standby, enabled=True, colour=colour, lease_s=self._lease_s),
        )

    def write(self, path: Path) -> None:
        """Keep it where only we may read it, for it has passwords."""
        path.touch(mode=0o600)
        path.write_bytes(orjson.dumps(asdict(self)))


def read_stage(path: Path) -> Stage:
    """What `Stage.write` has written."""
    return Stage(**orjson.loads(path.read_bytes()))
