"""A thread that does one thing after the other, and that no process waits for."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from threading import Event, current_thread

import pytest

from argo_adapters.one_thread import OneThread

STUCK = """
import time
from argo_adapters.one_thread import OneThread
worker = OneThread("stuck")
worker.submit(time.sleep, 60)
worker.shutdown(wait=False)
"""


@pytest.fixture
def worker() -> Iterator[OneThread]:
    worker = OneThread("worker")
    yield worker
    worker.shutdown()


def test_everything_is_done_in_its_thread_in_the_order_asked_for(worker: OneThread) -> None:
    done: list[int] = []
    asked = [worker.submit(done.append, number) for number in range(100)]
    assert worker.submit(lambda: current_thread().name).result(timeout=5) == "worker"
    assert done == list(range(100))
    assert all(one.done() for one in asked)


def test_what_goes_wrong_is_the_askers(worker: OneThread) -> None:
    failed = worker.submit(int, "no number")
    with pytest.raises(ValueError, match="no number"):
        failed.result(timeout=5)
    assert worker.submit(int, "7").result(timeout=5) == 7


def test_what_was_given_up_before_its_turn_is_never_done(worker: OneThread) -> None:
    go_on, done = Event(), list[int]()
    worker.submit(go_on.wait)
    given_up = worker.submit(done.append, 1)
    assert given_up.cancel()
    go_on.set()
    assert worker.submit(len, done).result(timeout=5) == 0


def test_once_shut_down_it_takes_no_more_and_does_what_it_has(worker: OneThread) -> None:
    go_on, done = Event(), list[int]()
    worker.submit(go_on.wait)
    waiting = worker.submit(done.append, 1)
    worker.shutdown(wait=False)
    with pytest.raises(RuntimeError):
        worker.submit(done.append, 2)
    go_on.set()
    waiting.result(timeout=5)
    worker.shutdown()
    assert done == [1]


def test_what_waits_may_be_given_up_with_the_rest(worker: OneThread) -> None:
    go_on = Event()
    worker.submit(go_on.wait)
    waiting = worker.submit(int)
    worker.shutdown(wait=False, cancel_futures=True)
    go_on.set()
    with pytest.raises(CancelledError):
        waiting.result(timeout=5)


def test_a_process_ends_although_its_thread_is_stuck() -> None:
    began = time.monotonic()  # noqa: TID251 - measures another process
    subprocess.run([sys.executable, "-c", STUCK], check=True, timeout=30)  # noqa: S603 - our own
    assert time.monotonic() - began < 20  # noqa: TID251 - the same
