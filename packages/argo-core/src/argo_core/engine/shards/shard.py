"""The coordinator's side of one shard: what its worker knows, and what that has to be told."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile
from argo_core.engine.decide import decide, skipped
from argo_core.engine.picture import Decision, Picture
from argo_core.engine.shards.slice import Change, Past, Price, Slice, Told, is_evaluation
from argo_core.engine.shards.wire import Order, Reply
from argo_core.market.instrument import Symbol

Decisions = Sequence[Decision]


@frozen
class Terms:
    """What is the same in every order of a coordinator; `run` tells it from all others."""

    code: str
    run: str
    profile: Profile
    strategy: str


@frozen
class Asked:
    """A step on `pictures` at `now`, as the worker is asked for it."""

    number: int
    pictures: tuple[Picture, ...]
    now: datetime

    def decisions(self, reply: Reply) -> tuple[Decision, ...] | None:
        """A decision for each picture; None if the reply leaves one open."""
        said = {one.symbol: one for one in reply.said}
        found: list[Decision] = []
        for picture in self.pictures:
            one = said.pop(picture.instrument.symbol, None)
            if one is not None:
                found.append(one.decision(picture, self.now))
            elif picture.last is not None:
                found.append(skipped(picture.last))
            else:
                return None
        return None if said else tuple(found)


class Shard:
    """So many symbols and the memory of what a worker holds of them.

    What has to be told is the difference between the pictures now and those that the worker holds,
    so that it does not matter what became of the steps between.
    """

    def __init__(self, number: int, symbols: Sequence[Symbol], terms: Terms) -> None:
        self.number = number
        self.symbols = tuple(symbols)
        self.missed = False
        self._terms = terms
        self._steps = 0
        self._held: Asked | None = None
        self._said: Mapping[Symbol, Decision] = {}
        self._settled = False

    def forget(self) -> None:
        """Nobody holds its state: the next order has a snapshot."""
        self._held, self._said, self._settled = None, {}, False

    def holds(self, asked: Asked, decisions: Decisions) -> None:
        """A worker has taken this step, whether what it said was used or not."""
        self._held, self._settled = asked, False
        self._said = {one.symbol: one for one in decisions if is_evaluation(one)}

    def settled(self) -> None:
        """The record has taken what the last step said."""
        self._settled = True

    def home(self, pictures: Sequence[Picture], now: datetime) -> tuple[Decision, ...]:
        """The same decisions, made here."""
        return decide(pictures, self._terms.profile, self._terms.strategy, now)

    def order(
        self, pictures: Sequence[Picture], failed: frozenset[SourceName], now: datetime
    ) -> tuple[Asked, Order]:
        """The next step, from what the worker holds if there is such a one."""
        self._steps += 1
        asked, held = Asked(self._steps, tuple(pictures), now), self._held
        if held is None:
            terms = self._terms
            whole = Slice(terms.profile, terms.strategy, asked.pictures)
            return asked, self._order(asked, Told(settled=False, failed=failed), None, whole)
        changes = tuple(
            change
            for place, (before, after) in enumerate(zip(held.pictures, pictures, strict=True))
            if (change := self._change(place, before, after)) is not None
        )
        told = Told(settled=self._settled, failed=failed, changes=changes)
        return asked, self._order(asked, told, held.number, None)

    def _order(self, asked: Asked, told: Told, base: int | None, whole: Slice | None) -> Order:
        terms = self._terms
        return Order(terms.code, terms.run, self.number, asked.number, asked.now, told, base, whole)

    def _change(self, place: int, before: Picture, after: Picture) -> Change | None:
        then, now = before.basis, after.basis
        quote = opinions = past = None
        if now.quote is not then.quote and now.quote is not None:
            quote = Price.of(now.quote)
        if now.opinions is not then.opinions:
            # Opinions are replaced and never taken back, and each has its facts to carry.
            held = then.opinions
            opinions = {
                name: one for name, one in now.opinions.items() if held.get(name) is not one
            }
        if not self._knows_past(before, after):
            past = Past(after.last, after.standing)
        if (
            (quote, opinions, past) == (None, None, None)
            and now.phase is then.phase
            and now.sigma == then.sigma
            and now.regime is then.regime
            and after.usual_sigma == before.usual_sigma
        ):
            return None
        return Change(
            place, now.phase, now.sigma, after.usual_sigma, now.regime, quote, opinions, past
        )

    def _knows_past(self, before: Picture, after: Picture) -> bool:
        """Whether the worker will have the last evaluation right by itself."""
        last = self._said.get(after.instrument.symbol) if self._settled else None
        if last is None:
            return after.last is before.last and after.standing is before.standing
        # A signal has been put into words since, which nobody decides on.
        return after.last is last or (
            after.last is not None
            and after.last.signal is not None
            and last.signal is not None
            and after.last.signal.id == last.signal.id
            and after.last.evaluated_at == last.evaluated_at
        )
