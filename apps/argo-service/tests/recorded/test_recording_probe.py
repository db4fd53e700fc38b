"""Health says that a recording is not whole any more, as nothing else would."""

from pathlib import Path

from argo_adapters.tapes.recorder import recording
from argo_core.backtest.recording import About, Origin
from argo_core.consensus.profile import Profile
from argo_core.engine.inputs import Settled
from argo_core.engine.outside import Registration
from argo_core.market.instrument import instrument
from argo_core.testing.fake_clock import FakeClock
from argo_service.api.probes import check
from argo_service.api.recording_probe import recording_probe

REGISTRATION = Registration("example.com/log", "test", "c" * 64, "d" * 64)
ABOUT = About.of(REGISTRATION, Profile(), (instrument("NVR"),), Origin.LIVE)


async def test_a_recording_is_well_until_something_is_missing(tmp_path: Path) -> None:
    clock = FakeClock()
    async with recording(tmp_path / "a.recording.gz", ABOUT, most_waiting=10) as recorder:
        recorder(Settled(1))
        before = await check(recording_probe(recorder), clock)
        assert (before.ok, before.detail) == (True, "it has everything so far")
    async with recording(tmp_path / "b.recording.gz", ABOUT, most_waiting=0) as broken:
        broken(Settled(1))
        after = await check(recording_probe(broken), clock)
    assert not after.ok
    assert "it is not whole: 0 inputs waited to be written" in after.detail
