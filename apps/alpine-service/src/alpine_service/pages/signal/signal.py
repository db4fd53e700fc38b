"""The page of one signal. Anybody may come; what is sealed to them is not on it."""

from collections.abc import Mapping, Sequence

import orjson
from aiohttp import web

from alpine_service.api.asking import PRINCIPAL
from alpine_service.api.keys import BOARD, PLATFORM, SIGNALS
from alpine_service.domain.signals.price_point import PriceKind, PricePoint
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.domain.signals.visibility import State, state_of
from alpine_service.pages.board.shares import shares_of
from alpine_service.pages.board.status import status_of
from alpine_service.pages.charts.price_chart import levels_of, price_chart
from alpine_service.pages.charts.values import Chart, Look, Moment
from alpine_service.pages.formats import source_name
from alpine_service.pages.page import show
from alpine_service.pages.signal.evidence import Members, facts_of, opinions_of
from alpine_service.pages.signal.preview import preview_of
from alpine_service.pages.signal.steps import steps_of
from alpine_service.pages.signal.verification import verify_of

_MOST_PRICES = 400
# Prices that are drawn before a decision, and after it.
_BESIDE = 16
_NAMES: Mapping[PriceKind, tuple[str, Look]] = {
    PriceKind.SIGNAL: ("Decision", Look.ACCENT),
    PriceKind.START: ("Outcome begins", Look.STILL),
    PriceKind.END: ("Outcome", Look.STILL),
}


async def signal(request: web.Request) -> web.Response:
    name, who = request.match_info["id"], request.get(PRINCIPAL)
    has = None if who is None else who.entitlement
    service, board = request.app[SIGNALS], request.app[BOARD]
    seen = await service.one(name, has)
    public = await service.one(str(seen.log_index), None)
    members: Members = {} if seen.data is None else orjson.loads(seen.data)
    outcome: Members = {} if seen.outcome is None else orjson.loads(seen.outcome)
    horizon_s, now = int(members.get("horizon_s", 0)), request.app[PLATFORM].clock.now()
    points: tuple[PricePoint, ...] = ()
    if seen.symbol is not None:
        points = (await board.prices([seen.symbol], has, _MOST_PRICES))[seen.symbol]
    return await show(
        request,
        "signal/signal.html",
        seen=seen,
        members=members,
        outcome=outcome,
        state=state_of(seen),
        is_sealed=state_of(seen) is State.SEALED,
        progress=status_of(seen, horizon_s, now),
        size_bp=abs(seen.confidence_bp or 0),
        shares=shares_of(members),
        opinions=opinions_of(members),
        facts=facts_of(members),
        reasoning_by=source_name(str(members.get("reasoning_source", ""))),
        steps=steps_of(seen, await board.timeline(seen, has), horizon_s, now),
        chart=_chart(seen, members, points),
        verify=await verify_of(request, seen),
        preview=preview_of(public),
    )


def _chart(seen: SignalRecord, members: Members, points: Sequence[PricePoint]) -> Chart | None:
    if seen.symbol is None or not points:
        return None
    levels = levels_of(*(_text(members, name) for name in ("entry", "stop", "target")))
    own = [point for point in points if point.signal_index == seen.log_index]
    moments = [
        Moment(_NAMES[each.kind][0], float(each.at_us), float(each.price), _NAMES[each.kind][1])
        for each in own
    ]
    return price_chart(seen.symbol, _around(points, seen.decided_us), levels, moments)


def _around(points: Sequence[PricePoint], decided_us: int) -> Sequence[PricePoint]:
    """The nearest prices before the decision and after it: what is far away would flatten them."""
    before = [point for point in points if point.at_us <= decided_us]
    after = [point for point in points if point.at_us > decided_us]
    return (*before[-_BESIDE:], *after[:_BESIDE])


def _text(members: Members, name: str) -> str | None:
    return str(members[name]) if name in members else None
