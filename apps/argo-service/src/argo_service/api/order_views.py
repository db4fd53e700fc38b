"""Orders, fills, certificates and facts, as the API shows them."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from argo_core.trading.book_order import BookOrder, Fill
from argo_core.trading.certificate import Certificate
from argo_core.trading.fact import (
    Fact,
    Intended,
    Judged,
    Numbered,
    Refused,
    ReplaceAsked,
    Told,
)
from argo_core.trading.order import OrderRequest
from argo_service.api.order_bodies import (
    CertificateBody,
    FactBody,
    FillBody,
    OrderBody,
    OrderHistoryBody,
)
from argo_service.api.trading_views import rounded, rule_body

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def order_body(order: BookOrder) -> OrderBody:
    """An order of the book."""
    request, bracket = order.request, order.request.bracket
    return OrderBody(
        id=order.id,
        broker_id=order.broker_id,
        symbol=request.symbol,
        side=request.side,
        leg=order.leg,
        type=request.type,
        quantity=request.quantity,
        limit=request.limit,
        stop=request.stop,
        bracket_stop=bracket.stop if bracket else None,
        bracket_target=bracket.target if bracket else None,
        good_till=request.good_till,
        status=order.status,
        open=order.is_open,
        filled=order.filled,
        remaining=order.remaining,
        average=None if order.average is None else rounded(order.average),
        fees=order.fees,
        signal_id=order.signal_id,
        signal_index=order.signal_index,
        placed_at=order.placed_at,
        updated_at=order.updated_at,
        replaces=order.replaces,
        replaced_by=order.replaced_by,
        problem=order.problem,
    )


def fill_body(fill: Fill) -> FillBody:
    """A fill of the book."""
    return FillBody(
        number=fill.number,
        order_id=fill.order_id,
        execution_id=fill.execution_id,
        symbol=fill.symbol,
        side=fill.side,
        leg=fill.leg,
        quantity=fill.quantity,
        price=rounded(fill.price),
        value=rounded(fill.quantity * fill.price),
        fee=fill.fee,
        realised=rounded(fill.realised),
        at=fill.at,
        inferred=fill.inferred,
    )


def certificate_body(certificate: Certificate) -> CertificateBody:
    """What the rules said of an order."""
    return CertificateBody(
        order_id=certificate.order_id,
        symbol=certificate.symbol,
        side=certificate.side,
        quantity=certificate.quantity,
        at=certificate.at,
        version=certificate.version,
        signal_id=certificate.signal_id,
        allowed=certificate.allowed,
        denials=tuple(one.value for one in certificate.denials),
        rules=tuple(map(rule_body, certificate.results)),
    )


def history_body(
    order_id: str, order: BookOrder | None, history: Sequence[Numbered]
) -> OrderHistoryBody:
    """All that is known about an order."""
    judged = [one.fact.certificate for one in history if isinstance(one.fact, Judged)]
    certificate = order.certificate if order and order.certificate else None
    if certificate is None and judged:
        # The same order may have been denied before; what was said last is what counts.
        certificate = judged[-1]
    return OrderHistoryBody(
        id=order_id,
        order=None if order is None else order_body(order),
        certificate=None if certificate is None else certificate_body(certificate),
        history=tuple(map(_fact_body, history)),
    )


def _fact_body(numbered: Numbered) -> FactBody:
    fact = numbered.fact
    name = _WORD_START.sub("_", type(fact).__name__).lower()
    said = {key: _text(value) for key, value in _said(fact) if value is not None}
    return FactBody(numbered.number, fact.at, name, said)


def _said(fact: Fact) -> Iterator[tuple[str, Any]]:
    """The particulars of a fact about an order; of others there are none in its history."""
    match fact:
        case Judged():
            yield "allowed", fact.certificate.allowed
            yield "denials", ", ".join(one.value for one in fact.certificate.denials) or None
        case Intended():
            yield "leg", fact.leg
            yield "signal_id", fact.signal_id
            yield from _request(fact.request)
        case Told():
            yield "status", fact.order.status
            yield "broker_id", fact.order.broker_id
            yield "filled", fact.order.filled
            yield "average", None if fact.order.average is None else rounded(fact.order.average)
            yield "problem", fact.order.problem
            if fact.execution is not None:
                yield "execution_id", fact.execution.id
                yield "executed", fact.execution.quantity
                yield "price", fact.execution.price
        case Refused():
            yield "problem", fact.problem
            yield "lost", fact.lost
        case ReplaceAsked():
            yield "by", fact.request.id
            yield from _request(fact.request)
        case _:
            pass


def _request(request: OrderRequest) -> Iterator[tuple[str, Any]]:
    yield "side", request.side
    yield "type", request.type
    yield "quantity", request.quantity
    yield "limit", request.limit
    yield "stop", request.stop
    yield "bracket_stop", request.bracket.stop if request.bracket else None
    yield "bracket_target", request.bracket.target if request.bracket else None


def _text(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)
