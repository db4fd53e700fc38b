"""SIGTERM, Ctrl-C and a closed terminal as a wish to stop, heard from the very beginning."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from argo_service.standing_by.post import Post


@contextmanager
def wishes(post: Post) -> Iterator[None]:
    """SIGUSR1 has this process stand by, SIGUSR2 has it publish, while the block lasts."""
    loop, keeper = asyncio.get_running_loop(), post.keeper
    loop.add_signal_handler(signal.SIGUSR1, keeper.wish_away, "SIGUSR1")
    loop.add_signal_handler(signal.SIGUSR2, keeper.wish_for, "SIGUSR2")
    try:
        yield
    finally:
        for each in (signal.SIGUSR1, signal.SIGUSR2):
            loop.remove_signal_handler(each)


@contextmanager
def stop_wish(*, hangup: bool = True) -> Iterator[asyncio.Event]:
    """An event that is set when somebody asks the process to stop, by a `hangup` among others."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    wishes = [signal.SIGTERM, signal.SIGINT]
    # Whoever started us with nohup wants us to outlive the terminal.
    if hangup and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        wishes.append(signal.SIGHUP)
    for wish in wishes:
        loop.add_signal_handler(wish, stop.set)
    try:
        yield stop
    finally:
        for wish in wishes:
            loop.remove_signal_handler(wish)
