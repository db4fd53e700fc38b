"""The one way out to a vendor: every ask passes here, is bounded, counted and blamed."""

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
    *,
    timeout_s: float,
    clock: Clock,
    observer: Observer,
) -> Answer[Item] | VendorError:
    """The answer, or the error as a value; never raises but for cancellation.

    An adapter that trips over its own feet counts as a garbled answer: one source's bug must not
    stop the beat, and the event names the exception.
    """
    began = clock.monotonic()
    try:
        async with clock.timeout(timeout_s):
            answer = await ask()
    except VendorError as error:
        failure = error
    except TimeoutError:
        failure = VendorUnavailable(source, f"no answer within {timeout_s:g} s")
    except Exception as error:  # noqa: BLE001 - see the docstring
        failure = VendorGarbled(source, f"the adapter failed: {type(error).__name__}")
    else:
        observer.notice(_answered(source, answer, clock, began))
        return answer
    seconds = clock.monotonic() - began
    observer.notice(
        SourceFailed(
            source,
            clock.now(),
            seconds,
            failure.calls,
            Decimal(failure.usd),
            type(failure).__name__,
            failure.problem,
        )
    )
    return failure


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
