"""The one way out to a vendor: every ask passes here, is bounded, counted and blamed."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TypeVar

from argo_core.consensus.opinion import SourceName
from argo_core.errors import VendorError, VendorGarbled, VendorUnavailable
from argo_core.events import SourceAnswered, SourceFailed
from argo_core.ports import Answer, Clock, Observer

Item = TypeVar("Item")


async def guard(
    source: SourceName,
    ask: Callable[[], Awaitable[Answer[Item]]],
    kind: type[Item],
    *,
    timeout_s: float,
    clock: Clock,
    observer: Observer,
) -> Answer[Item] | VendorError:
    """The answer, whose items are of that `kind`, or the error as a value.

    Never raises but for the caller's cancellation. An adapter that trips over its own feet counts
    as a garbled answer, and so does one that answers with something else or cancels itself: one
    source's bug must not stop the beat, and the event names the exception.
    """
    began = clock.monotonic()
    try:
        async with clock.timeout(timeout_s):
            answer = _checked(source, await ask(), kind)
        answered = _answered(source, answer, clock, began)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        failure: VendorError = VendorGarbled(source, "the adapter cancelled itself")
    except VendorError as error:
        failure = error
    except TimeoutError:
        failure = VendorUnavailable(source, f"no answer within {timeout_s:g} s")
    except Exception as error:  # noqa: BLE001 - see the docstring
        failure = VendorGarbled(source, f"the adapter failed: {type(error).__name__}")
    else:
        observer.notice(answered)
        return answer
    observer.notice(_failed(source, failure, clock, began))
    return failure


def _checked(source: SourceName, answer: object, kind: type[Item]) -> Answer[Item]:
    """The answer, refused unless it is one: types are promises, and adapters break those too."""
    items: object = getattr(answer, "items", None)
    if not isinstance(answer, Answer) or not isinstance(items, tuple):
        raise VendorGarbled(source, f"the adapter answered with a {type(answer).__name__}")
    strangers = {type(one).__name__ for one in answer.items if not isinstance(one, kind)}
    if strangers:
        raise VendorGarbled(source, f"the adapter answered with {', '.join(sorted(strangers))}")
    if type(answer.calls) is not int or _dollars(answer.usd) != answer.usd:
        raise VendorGarbled(source, "the adapter cannot say what its answer cost")
    return answer


def _failed(source: SourceName, failure: VendorError, clock: Clock, began: float) -> SourceFailed:
    return SourceFailed(
        source,
        clock.now(),
        clock.monotonic() - began,
        failure.calls,
        _dollars(failure.usd),
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


def _dollars(usd: object) -> Decimal:
    """What the failure says it cost, nothing where that is no amount."""
    return usd if isinstance(usd, Decimal) and usd.is_finite() else Decimal(0)
