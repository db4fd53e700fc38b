"""How the service is: its probes asked together, each for a bounded time."""

import asyncio
from collections.abc import Mapping, Sequence

from attrs import frozen

from alpine_service.errors import AlpineError
from alpine_service.ports.health import Condition, Finding, Level, Probe
from alpine_service.ports.outside import Clock

PATIENCE_S = 3.0
# Whoever asks more often gets the same answer, so that asking cannot become a load.
KEPT_S = 1.0


@frozen
class Report:
    """What was found; `condition` is the worst of it."""

    condition: Condition
    findings: Mapping[str, Finding]


class Health:
    """Asks probes."""

    def __init__(
        self, probes: Sequence[Probe], clock: Clock, patience_s: float = PATIENCE_S
    ) -> None:
        self._probes = tuple(probes)
        self._clock = clock
        self._patience_s = patience_s
        self._kept: dict[Level, tuple[float, Report]] = {}
        self._looking: dict[Level, asyncio.Task[Report]] = {}
        # Counted up when what was seen before must not be told any more.
        self._era = 0

    def add(self, probe: Probe) -> None:
        """Ask that one as well from now on."""
        self._probes = (*self._probes, probe)

    async def report(self, level: Level) -> Report:
        """How it is, seen a second ago at most."""
        kept = self._kept.get(level)
        if kept is not None and self._clock.monotonic() - kept[0] < KEPT_S:
            return kept[1]
        task = self._looking.get(level)
        if task is None:
            task = self._looking[level] = asyncio.create_task(self._look(level))
        # Whoever stops waiting does not take the answer from the others.
        return await asyncio.shield(task)

    def forget(self) -> None:
        """Look anew for whoever asks from now on, because something is known to have changed."""
        self._era += 1
        self._kept.clear()
        self._looking.clear()

    async def _look(self, level: Level) -> Report:
        era = self._era
        try:
            order = list(Level)
            asked = [each for each in self._probes if order.index(each.level) <= order.index(level)]
            found = await asyncio.gather(*(self._ask(each) for each in asked))
            findings = {probe.name: finding for probe, finding in zip(asked, found, strict=True)}
            report = Report(_worst(found), findings)
            if era == self._era:
                self._kept[level] = (self._clock.monotonic(), report)
            return report
        finally:
            if era == self._era:
                del self._looking[level]

    async def _ask(self, probe: Probe) -> Finding:
        try:
            async with asyncio.timeout(self._patience_s):
                return await probe.check()
        except TimeoutError:
            return Finding(Condition.DOWN, problem="no answer in time")
        except AlpineError as error:
            return Finding(Condition.DOWN, problem=str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are still seen
            # Only its kind: the words of an unknown error may quote a value.
            return Finding(Condition.DOWN, problem=f"a mistake of ours: {type(error).__name__}")


def _worst(findings: Sequence[Finding]) -> Condition:
    order = list(Condition)
    return max((each.condition for each in findings), key=order.index, default=Condition.OK)
