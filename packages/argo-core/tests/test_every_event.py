"""The list of events has one of every kind."""

from argo_core.events import Event
from argo_core.testing.every_event import EVERY_EVENT


def test_there_is_one_of_every_kind() -> None:
    assert set(EVERY_EVENT) == set(Event.__args__)
    assert all(type(event) is kind for kind, event in EVERY_EVENT.items())
