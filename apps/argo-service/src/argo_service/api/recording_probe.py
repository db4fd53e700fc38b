"""Whether the recording still has everything."""

from argo_adapters.tapes.recorder import Recorder
from argo_service.api.errors import NotWell
from argo_service.api.probes import Level, Probe


def recording_probe(recorder: Recorder) -> Probe:
    """A deep check: signals go on without a recording, and nobody would notice."""

    async def look() -> str:
        if recorder.missing is not None:
            raise NotWell(f"it is not whole: {recorder.missing}; begin another")
        return "it has everything so far"

    return Probe("recording", Level.DEEP, look)
