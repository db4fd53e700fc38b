"""Several things awaited at once; the first that fails ends the others, and is what is raised."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def together(awaited: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """All results in order, once all are there."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in awaited]
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]
