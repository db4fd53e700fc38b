"""Only the publisher trades: the journal goes from hand to hand, and a paused process keeps it."""

import signal
from typing import Any

import pytest

TRADING = """
trading.enabled = true
trading.capital = 1000000
trading.limits.quote_age_s = 60
"""


@pytest.mark.timed
async def test_whoever_publishes_trades_and_nobody_else(stage: Any) -> None:
    stage.configure(TRADING)
    blue, green = await stage.both()
    assert await green.status("trading/account") == 409
    await blue.until("trading/account", lambda body: body.get("ready"))

    # Of a paused process the log is free, by the fence, and the journal is not.
    blue.send(signal.SIGSTOP)
    await green.becomes("publishing")
    there = len(stage.entries())
    await stage.more_entries(there)
    assert await green.status("trading/account") == 409
    assert "signals go on without trading" in green.complaint()

    blue.send(signal.SIGCONT)
    await blue.becomes("standby")
    # It lets go of it when it wakes, and then whoever publishes has it.
    await green.until("trading/account", lambda body: body.get("ready"))
    assert await blue.status("trading/account") == 409
    assert (await green.get("publisher"))["role"] == "publishing"
    await green.stop()
    await blue.stop()
    await stage.check_record()
