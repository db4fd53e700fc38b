"""What lasts is set aside after a few beats, and let go at the end."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from argo_core.events import BeatMissed, CycleFinished
from argo_service.collector import SETTLED_AFTER, Collector

NOW = datetime(2024, 11, 25, 15, tzinfo=UTC)


@pytest.fixture
def collector() -> Iterator[Collector]:
    gc.unfreeze()
    collector = Collector()
    yield collector
    collector.release()


def cycle(number: int) -> CycleFinished:
    return CycleFinished(number, NOW, 0.1, 0, 0, 0, ())


def test_what_is_there_after_the_first_beats_is_set_aside(collector: Collector) -> None:
    collector.notice(cycle(min(SETTLED_AFTER)))
    assert gc.get_freeze_count() > 1_000


def test_nothing_is_set_aside_at_other_times(collector: Collector) -> None:
    collector.notice(cycle(max(SETTLED_AFTER) + 1))
    collector.notice(BeatMissed(NOW, 1))
    assert gc.get_freeze_count() == 0


def test_at_the_end_everything_is_walked_again(collector: Collector) -> None:
    collector.notice(cycle(min(SETTLED_AFTER)))
    collector.release()
    assert gc.get_freeze_count() == 0
