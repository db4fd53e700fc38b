"""A reasoner that writes what it is told to, or else the truth."""

from decimal import Decimal

from argo_core.consensus.opinion import GROK, SourceName
from argo_core.errors import VendorError
from argo_core.ports import Answer, Clock
from argo_core.resilience.budget import Amount
from argo_core.signals.brief import Brief
from argo_core.signals.evidence import Evidence
from argo_core.signals.prose import MOST_CLAIMS, Claim, Prose
from argo_core.signals.reasoning import title


def honest(brief: Brief) -> Prose:
    """Prose that any verifier has to accept: the brief's own words, in order.

    Evidence whose text is no plain word or number is left out; at least one piece has to be.
    """
    pulls = ", ".join(f"{title(pull.source)} {pull.points:+d}" for pull in brief.pulls)
    summary = f"{brief.direction} {brief.symbol} at {brief.confidence} %: {pulls or 'alone'}."
    claims = [Claim(_stated(fact), (fact.id,)) for fact in brief.evidence]
    return Prose(summary, tuple(claims[:MOST_CLAIMS]), ("The evidence may change.",))


def _stated(fact: Evidence) -> str:
    unit = f" {fact.unit}" if fact.unit else ""
    return f"{fact.kind} at {fact.value}{unit}"


class FakeReasoner:
    """Writes honest prose, or `said` while that is set.

    Set `failing` to an error, and every ask raises it until it is None again. With a `clock`, an
    ask takes `seconds` on it. `usd` is what one ask costs, `dearest` what it may. `asked` keeps the
    briefs.
    """

    def __init__(
        self, name: SourceName = GROK, *, model: str = "fake-1", clock: Clock | None = None
    ) -> None:
        self.failing: VendorError | None = None
        self.said: Prose | None = None
        self.seconds = 0.0
        self.usd = Decimal("0.002")
        self.dearest = Decimal("0.01")
        self.asked: list[Brief] = []
        self._name = name
        self._model = model
        self._clock = clock

    @property
    def name(self) -> SourceName:
        return self._name

    @property
    def model(self) -> str:
        return self._model

    def most(self, brief: Brief) -> Amount:
        return Amount(self.dearest, 1_000, 1)

    async def prose(self, brief: Brief) -> Answer[Prose]:
        self.asked.append(brief)
        if self._clock is not None:
            await self._clock.sleep(self.seconds)
        if self.failing is not None:
            raise self.failing
        return Answer((self.said or honest(brief),), usd=self.usd, tokens=500)
