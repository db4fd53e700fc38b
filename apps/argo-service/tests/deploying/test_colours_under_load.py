"""Colours change places under load, forth and back: nobody is refused, nothing is said twice."""

import asyncio
import json
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_adapters.sqlite.verify import verify
from argo_service.cli.exit_codes import Exit

# Real processes race real time, and have the machine to themselves.
pytestmark = pytest.mark.timed

KILLS: Final = int(os.environ.get("ARGO_TORTURE_KILLS", "0"))  # noqa: TID251 - how long to torture
SWITCHES: Final = 6 if KILLS else 1
CONNECTIONS: Final = 12
RUN: Final = re.compile("[0-9a-f]{32}")
ON: Final = ["look", "start", "gate", "switch", "drain", "release", "take over", "watch", "stop"]


def entries(database: Path) -> list[bytes]:
    with closing(sqlite3.connect(database)) as connection:
        return [
            bytes(row[0]) for row in connection.execute("SELECT data FROM entries ORDER BY idx")
        ]


async def more_is_answered(asked: Any) -> None:
    """Return once twenty more requests were answered."""
    before, clock = asked.asked, SystemClock()
    async with asyncio.timeout(60):
        while asked.asked < before + 20:
            await clock.sleep(0.05)


@pytest.mark.timeout(180 + 90 * SWITCHES)
async def test_no_request_fails_and_no_signal_is_lost_or_said_twice(colours: Any) -> None:
    async with colours.listening() as listener:
        async with colours.load(CONNECTIONS) as asked:
            for number in range(SWITCHES):
                code, told = await colours.deploy()
                assert code == Exit.DONE, told
                assert [one["step"] for one in told["steps"]] == ON
                colour = ("green", "blue")[number % 2]
                assert (told["answers"], told["publishes"]) == (colour, colour)
                await more_is_answered(asked)
            # No answer comes in no time, so the watch fails and all goes back.
            code, told = await colours.deploy("--mean-ms", "0", "--watch-s", "10")
            assert code == Exit.ROLLED_BACK, told
            serving = ("blue", "green")[SWITCHES % 2]
            assert (told["answers"], told["publishes"]) == (serving, serving)
            assert told["steps"][-1]["step"] == "stop the new"
            await more_is_answered(asked)
        assert asked.statuses == {"202": asked.asked}
        # Each answer named a run; of one program the same one, and a new version has its own.
        assert len(asked.ids) == 4
        assert all(RUN.fullmatch(one) for ids in asked.ids.values() for one in ids)
        await colours.publishing(serving)
        await asyncio.to_thread(colours.stop, serving)
    assert set(colours.codes) == {0}
    database = colours.folder / "argo.sqlite3"
    assert (await asyncio.to_thread(verify, database)).verified
    written = await asyncio.to_thread(entries, database)
    signals = [body for body in map(json.loads, written) if body["kind"] == "signal"]
    assert signals
    identities = [(body["strategy"], body["seq"]) for body in signals]
    assert len(set(identities)) == len(identities)
    # Whoever followed the record heard every entry once, in its order, up to where it ended.
    indices = [index for index, _ in listener.heard]
    assert indices == list(range(len(indices)))
    assert [data for _, data in listener.heard] == written[: len(indices)]
    assert len(indices) > len(written) // 2
    took = {one["step"]: round(one["took_s"], 1) for one in told["steps"]}
    print(  # noqa: T201 - it is shown
        f"{asked.asked} requests, none failed, the slowest took {asked.slowest_s:.2f} s;"
        f" {SWITCHES} switches and a rollback; {len(written)} entries, {len(signals)} signals;"
        f" the rollback's steps: {took}"
    )
