"""The one way out to a vendor: every ask passes here, is bounded, counted and blamed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import TypeVar

from argo_core.consensus.opinion import SourceName
from argo_core.engine.untraced import UNTRACED
from argo_core.errors import VendorError, VendorGarbled, VendorUnavailable
from argo_core.events import SourceAnswered, SourceFailed
from argo_core.ports import Answer, Clock, Observer, Tracer
from argo_core.resilience.budget import Amount

Item = TypeVar("Item")

ONE_CALL = Amount(calls=1)


async def guard(
    source: SourceName,
    ask: Callable[[], Awaitable[Answer[Item]]],
    kind: type[Item],
    *,
    timeout_s: float,
    clock: Clock,
    observer: Observer,
    worst: Amount = ONE_CALL,
    tracer: Tracer = UNTRACED,
) -> Answer[Item] | VendorError:
    """The answer, whose items are of that `kind`, or the error as a value.

    `worst` is what the ask costs where nobody can say what it did.

    Never raises but for the caller's cancellation. An adapter that trips over its own feet counts
    as a garbled answer, and so does one that answers with something else or cancels itself: one
    source's bug must not stop the beat, and the event names the exception.
    """
    with tracer.span("ask", source=source) as span:
        asked = _asked(
            source, ask, kind, timeout_s=timeout_s, clock=clock, observer=observer, worst=worst
        )
        outcome = await asked
        span.note(calls=outcome.calls)
        if isinstance(outcome, VendorError):
            span.note(failed=type(outcome).__name__)
        else:
            span.note(items=len(outcome.items))
        return outcome


async def _asked(
    source: SourceName,
    ask: Callable[[], Awaitable[Answer[Item]]],
    kind: type[Item],
    *,
    timeout_s: float,
    clock: Clock,
    observer: Observer,
    worst: Amount,
) -> Answer[Item] | VendorError:
    began = clock.monotonic()
    try:
        async with clock.timeout(timeout_s):
            answer = _checked(source, await ask(), kind)
        answered = _answered(source, answer, clock, began)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        failure: VendorError = _lost(VendorGarbled, source, "the adapter cancelled itself", worst)
    except VendorError as error:
        failure = error
    except TimeoutError:
        failure = _lost(VendorUnavailable, source, f"no answer within {timeout_s:g} s", worst)
    except Exception as error:  # noqa: BLE001 - see the docstring
        problem = f"the adapter failed: {type(error).__name__}"
        failure = _lost(VendorGarbled, source, problem, worst)
    else:
        observer.notice(answered)
        return answer
    if not _is_bill(failure.calls, failure.usd):
        # Whoever talks nonsense about the cost is believed the worst.
        failure.calls, failure.usd = worst.calls, worst.usd
    observer.notice(_failed(source, failure, clock, began))
    return failure


def _lost(kind: type[VendorError], source: SourceName, problem: str, worst: Amount) -> VendorError:
    """An error of an ask of which nobody knows how far it came, so that it cost all it may."""
    return kind(source, problem, calls=worst.calls, usd=worst.usd)


def _checked(source: SourceName, answer: object, kind: type[Item]) -> Answer[Item]:
    """The answer, refused unless it is one: types are promises, and adapters break those too."""
    items: object = getattr(answer, "items", None)
    if not isinstance(answer, Answer) or not isinstance(items, tuple):
        raise VendorGarbled(source, f"the adapter answered with a {type(answer).__name__}")
    strangers = {type(one).__name__ for one in answer.items if not isinstance(one, kind)}
    if strangers:
        raise VendorGarbled(source, f"the adapter answered with {', '.join(sorted(strangers))}")
    if not isinstance(answer.raws, Mapping):
        raise VendorGarbled(source, f"the adapter's raws are a {type(answer.raws).__name__}")
    if not _is_bill(answer.calls, answer.usd) or not _is_count(answer.tokens):
        raise VendorGarbled(source, "the adapter cannot say what its answer cost")
    return answer


def _failed(source: SourceName, failure: VendorError, clock: Clock, began: float) -> SourceFailed:
    return SourceFailed(
        source,
        clock.now(),
        clock.monotonic() - began,
        failure.calls,
        failure.usd,
        type(failure).__name__,
        failure.problem,
    )


def _answered(
    source: SourceName, answer: Answer[Item], clock: Clock, began: float
) -> SourceAnswered:
    return SourceAnswered(
        source,
        clock.now(),
        clock.monotonic() - began,
        answer.calls,
        answer.usd,
        len(answer.items),
        len(answer.missing),
    )


def _is_bill(calls: object, usd: object) -> bool:
    return _is_count(calls) and isinstance(usd, Decimal) and usd.is_finite() and usd >= 0


def _is_count(number: object) -> bool:
    return type(number) is int and number >= 0
