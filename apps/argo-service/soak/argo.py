"""Argo as one process of a soak: all of it, on the stage's clock; what it did goes to its output.

One line of JSON for each cycle, after its batch is durable.
"""

import argparse
import asyncio
import json
from pathlib import Path

from argo_core.events import BeatMissed, CycleFailed, CycleFinished, Event, SignalPublished
from argo_service.address import reserve
from argo_service.api.app import build_app
from argo_service.api.keyring import Keyring
from argo_service.api_keys import ApiKeyFile, keys_path
from argo_service.cli.listen import listening
from argo_service.cli.stop import stop_wish
from argo_service.config.tree import Listen
from argo_service.wiring import running
from soak.clock import StageClock
from soak.stage import Stage, read_stage


class Teller:
    """An observer that tells whoever started us."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._signals: list[int] = []

    def notice(self, event: Event) -> None:
        match event:
            case SignalPublished(index=index):
                self._signals.append(index)
            case CycleFinished(at=at, number=number, seconds=seconds):
                signals, self._signals = self._signals, []
                self._tell(at=at.isoformat(), cycle=number, seconds=seconds, signals=signals)
            case CycleFailed(at=at, error=error):
                self._tell(at=at.isoformat(), failed=error)
            case BeatMissed(at=at, beats=beats):
                self._tell(at=at.isoformat(), missed=beats)
            case _:
                pass

    def _tell(self, **facts: object) -> None:
        print(json.dumps({"who": self._name, **facts}), flush=True)


async def serve(stage: Stage, name: str, clock: StageClock) -> None:
    settings = stage.settings(name)
    keys = ApiKeyFile(keys_path(settings.database))
    teller = Teller(name)
    with stop_wish() as stop, reserve(Listen(port=0)) as reserved:
        async with running(
            settings,
            clock,
            (teller,),
            yahoo_url=stage.url("yahoo"),
            pace=stage.speed,
            recorded=True,
        ) as argo:
            app = build_app(argo.served(), Keyring(keys, clock), settings.api)
            async with listening(app, reserved) as address:
                print(json.dumps({"who": name, "address": address}), flush=True)
                if argo.duty is None:
                    raise RuntimeError("the settings ask for no standby")
                await argo.duty.run(stop)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", type=Path, required=True)
    parser.add_argument("--name", required=True)
    given = parser.parse_args()
    stage = read_stage(given.stage)
    asyncio.run(serve(stage, given.name, stage.clock(given.name)))


if __name__ == "__main__":
    main()
