"""A proxy, processes and health in memory, each deed of which can be made to fail."""

from collections.abc import Mapping

from attrs import Factory, define, evolve, field, frozen

from alpine_service.domain.deploy.colour import Behind, Colour, Said, Traffic
from alpine_service.errors import StepFailed

WELL = Said("ok", "2", {"database": "ok", "ingest": "ok"})
SICK = Said("down", "2", {"database": "down", "ingest": "ok"}, ("database: away",))


@frozen
class Counts:
    """What a proxy counts, and the mean time of answers."""

    answers: int = 0
    failures: int = 0
    answer_ms: int = 0


@define(eq=False)
class FakeColours:
    """Keeps the ports `Proxy`, `Processes` and `Looks`; blue serves, green does not run.

    `fails` has deeds that fail, such as `start green`, `send green new requests` or `behind`; a
    number in front says from which time on, `2 stop blue`. They fail by `failure`.
    """

    fails: frozenset[str] = frozenset()
    failure: type[Exception] = StepFailed
    behinds: dict[Colour, Behind] = field(
        factory=lambda: {
            Colour.BLUE: Behind(Traffic.NEW, is_up=True, answers=100),
            Colour.GREEN: Behind(Traffic.NOTHING, is_up=False),
        }
    )
    says: dict[Colour, Said] = Factory(lambda: dict.fromkeys(Colour, WELL))
    under_way: dict[Colour, int] = Factory(lambda: dict.fromkeys(Colour, 0))
    """What a colour has under way once it drains."""

    after_switch: Counts = Counts()
    """Of the new colour, once it got requests."""

    running: set[Colour] = Factory(lambda: {Colour.BLUE})
    deeds: list[str] = Factory(list)
    unserved: list[str] = Factory(list)
    """Deeds after which nobody that runs got new requests."""

    async def behind(self) -> Mapping[Colour, Behind]:
        self._do("behind")
        return {
            colour: evolve(seen, is_up=seen.is_up and colour in self.running)
            for colour, seen in self.behinds.items()
        }

    async def send(self, colour: Colour, traffic: Traffic) -> None:
        self._do(f"send {colour} {traffic}")
        seen = evolve(self.behinds[colour], traffic=traffic, is_up=traffic is not Traffic.NOTHING)
        if traffic is Traffic.NEW and colour is Colour.GREEN:
            seen = evolve(
                seen,
                answers=self.after_switch.answers,
                failures=self.after_switch.failures,
                answer_ms=self.after_switch.answer_ms,
            )
        if traffic is not Traffic.NEW:
            seen = evolve(seen, under_way=self.under_way[colour])
        self.behinds[colour] = seen
        self._look()

    async def remember(self) -> None:
        self._do("remember")

    async def start(self, colour: Colour) -> None:
        self._do(f"start {colour}")
        self.running.add(colour)

    async def stop(self, colour: Colour) -> None:
        self._do(f"stop {colour}")
        self.running.discard(colour)
        self._look()

    async def ask(self, colour: Colour, level: str) -> Said:
        self._do(f"ask {colour} {level}")
        if colour not in self.running:
            raise StepFailed(f"{colour} does not answer")
        return self.says[colour]

    def _do(self, deed: str) -> None:
        self.deeds.append(deed)
        times = self.deeds.count(deed)
        if deed in self.fails or any(
            f"{time} {deed}" in self.fails for time in range(1, times + 1)
        ):
            raise self.failure(f"cannot {deed}")

    def _look(self) -> None:
        serving = {c for c, seen in self.behinds.items() if seen.traffic is Traffic.NEW}
        if not serving & self.running:
            self.unserved.append(self.deeds[-1])
