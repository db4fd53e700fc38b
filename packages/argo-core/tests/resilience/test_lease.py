"""The lease as its holder sees it: what it believes, until when, and what it does not."""

import pytest

from argo_core.errors import InvalidInput
from argo_core.resilience.lease import LeasePolicy, Tenancy
from argo_core.resilience.lease_table import HOLDING, TRANSITIONS, Role, Turn, lease_diagram


def test_every_role_can_be_reached_and_left():
    assert set(TRANSITIONS.values()) == set(Role)
    assert {before for before, _ in TRANSITIONS} == set(Role)


def test_every_turn_leads_somewhere():
    assert {turn for _, turn in TRANSITIONS} == set(Turn)


def test_whoever_holds_a_lease_can_lose_it_at_any_time():
    for role in HOLDING:
        assert TRANSITIONS[role, Turn.LAPSED] is TRANSITIONS[role, Turn.FENCED] is Role.LOST


def test_nobody_comes_to_publish_but_from_standing_by():
    assert [before for (before, _), after in TRANSITIONS.items() if after is Role.PUBLISHING] == [
        Role.TAKING_OVER
    ]
    assert [before for (before, _), after in TRANSITIONS.items() if after is Role.TAKING_OVER] == [
        Role.STANDBY
    ]


def test_the_picture_has_every_edge_of_the_table():
    lines = lease_diagram().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> standby"]
    assert set(lines[2:]) == {
        f"    {before} --> {after}: {turn}" for (before, turn), after in TRANSITIONS.items()
    }


def publishing(policy: LeasePolicy = LeasePolicy()) -> Tenancy:  # noqa: B008 - frozen
    tenancy = Tenancy(policy)
    assert tenancy.acquired(7, 100.0, 100.1)
    tenancy.opened()
    return tenancy


def test_a_holder_believes_for_four_seconds_from_when_it_asked():
    tenancy = publishing()
    assert tenancy.may_write(103.99)
    assert tenancy.role is Role.PUBLISHING
    assert not tenancy.may_write(104.0)
    assert tenancy.role is Role.LOST


def test_a_renewal_counts_from_when_it_was_asked_for():
    tenancy = publishing()
    tenancy.renewed(7, 102.0, 103.5)
    assert tenancy.believes_until == 106.0
    # Answers may overtake each other.
    tenancy.renewed(7, 101.0, 103.6)
    assert tenancy.believes_until == 106.0


def test_a_renewal_that_is_heard_too_late_changes_nothing():
    tenancy = publishing()
    tenancy.renewed(7, 103.9, 104.0)
    assert tenancy.role is Role.LOST


def test_a_lease_that_is_heard_of_too_late_is_not_taken():
    tenancy = Tenancy()
    assert not tenancy.acquired(7, 100.0, 104.0)
    assert tenancy.role is Role.STANDBY
    assert tenancy.acquired(8, 104.0, 104.1)


def test_what_is_said_of_an_earlier_lease_changes_nothing():
    tenancy = publishing()
    tenancy.fenced()
    tenancy.closed()
    assert tenancy.acquired(8, 110.0, 110.0)
    tenancy.renewed(7, 112.0, 112.1)
    tenancy.refused(7)
    assert (tenancy.role, tenancy.believes_until) == (Role.TAKING_OVER, 114.0)
    tenancy.refused(8)
    assert tenancy.role is Role.LOST


def test_tokens_grow():
    tenancy = publishing()
    for token in (6, 7):
        with pytest.raises(InvalidInput, match="comes after 7"):
            tenancy.acquired(token, 100.0, 100.0)


def test_a_second_lease_is_not_taken_beside_the_first():
    tenancy = publishing()
    assert not tenancy.acquired(8, 101.0, 101.0)
    assert tenancy.role is Role.PUBLISHING


def test_whoever_is_wished_away_may_finish_and_then_stands_by():
    tenancy = publishing()
    tenancy.wish_away()
    assert tenancy.role is Role.RELEASING
    assert tenancy.may_write(101.0)
    tenancy.closed()
    assert tenancy.role is Role.STANDBY
    assert not tenancy.may_write(101.0)


def test_a_wish_to_whoever_stands_by_changes_nothing():
    tenancy = Tenancy()
    tenancy.wish_away()
    tenancy.closed()
    tenancy.opened()
    tenancy.fenced()
    assert tenancy.role is Role.STANDBY


@pytest.mark.parametrize(
    "seconds",
    [
        {"ttl_s": 4.0},
        {"stop_s": 2.0},
        {"renew_s": 0.5},
        {"retry_s": 0.0},
        {"ttl_s": float("nan")},
    ],
)
def test_a_lease_outlasts_belief_and_belief_a_renewal(seconds: dict[str, float]):
    with pytest.raises(InvalidInput):
        LeasePolicy(**seconds)
