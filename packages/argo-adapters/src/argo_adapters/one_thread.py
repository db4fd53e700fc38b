"""A thread for a library that blocks, and that nobody has to wait for at the end."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_Work = tuple[Future[Any], Callable[[], Any]]


class OneThread(Executor):
    """Does one thing after the other.

    A `ThreadPoolExecutor` keeps the process alive until its last work is done, however long a
    server takes to answer; this one ends with the process. So nothing may be done in it that has
    to come to an end.
    """

    def __init__(self, name: str) -> None:
        self._lock = Lock()
        self._closed = False
        self._waiting: SimpleQueue[_Work | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have it done after all that was asked for before.

        Raises:
            RuntimeError: it was shut down.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("it was shut down")
            self._waiting.put((future, partial(fn, *args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work; what waits is still done, or given up if so asked."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
            if cancel_futures:
                self._cancel()
        if wait:
            self._thread.join()

    def _cancel(self) -> None:
        while not self._waiting.empty():
            work = self._waiting.get()
            if work is not None:
                work[0].cancel()
        self._waiting.put(None)

    def _run(self) -> None:
        while (work := self._waiting.get()) is not None:
            future, call = work
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001 - it is the asker's
                future.set_exception(error)
            else:
                future.set_result(result)
            # What the last one came to is not kept until the next one comes.
            del work, future, call
