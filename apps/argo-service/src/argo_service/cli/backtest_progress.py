"""A bar on standard error for whatever takes longer than a second, where somebody looks at it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from argo_core.ports import Clock
from argo_service.backtesting.run import Progress

PATIENCE_S = 1.0


@contextmanager
def progress_shown(clock: Clock) -> Iterator[Callable[[Progress], None]]:
    """What to tell of progress inside the block."""
    from rich.console import Console  # noqa: PLC0415 - takes a while to load
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - the same
    from rich.progress import Progress as Bars  # noqa: PLC0415 - the same

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    # Gone when it is done: what stays on the screen is the result.
    bars = Bars(*columns, console=console, transient=True, disable=not console.is_terminal)
    began, task = clock.monotonic(), bars.add_task("starting", total=None)

    def tell(progress: Progress) -> None:
        if not bars.live.is_started and clock.monotonic() - began >= PATIENCE_S:
            bars.start()
        total = progress.total or None
        bars.update(task, description=progress.stage, completed=progress.done, total=total)

    try:
        yield tell
    finally:
        bars.stop()
