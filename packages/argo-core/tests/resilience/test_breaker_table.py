"""The breaker's table, and the picture drawn from it."""

from argo_core.resilience.breaker_table import TRANSITIONS, Command, Finding, State, diagram


def test_every_state_can_be_reached_and_left():
    assert set(TRANSITIONS.values()) == set(State)
    assert {before for before, _ in TRANSITIONS} == set(State)


def test_every_trigger_leads_somewhere():
    assert {trigger for _, trigger in TRANSITIONS} == {*Finding, *Command}


def test_no_edge_leads_back_to_where_it_began():
    assert [edge for edge, after in TRANSITIONS.items() if edge[0] is after] == []


def test_an_operator_is_heard_in_every_state():
    for command in Command:
        deaf = {state for state in State if (state, command) not in TRANSITIONS}
        (meant,) = deaf
        assert {TRANSITIONS[state, command] for state in State if state is not meant} == {meant}


def test_findings_never_leave_what_an_operator_has_said():
    said = {State.FORCED_OPEN, State.DISABLED, State.METRICS_ONLY}
    assert {before for before, trigger in TRANSITIONS if trigger in set(Finding)} == (
        set(State) - said
    )


def test_the_picture_has_every_edge_of_the_table():
    assert diagram().splitlines()[3:] == [
        "    CLOSED --> OPEN: tripped",
        "    OPEN --> HALF_OPEN: cooled",
        "    HALF_OPEN --> CLOSED: recovered",
        "    HALF_OPEN --> OPEN: probe failed, probe lost",
        "    ANY --> FORCED_OPEN: force open",
        "    ANY --> DISABLED: disable",
        "    ANY --> METRICS_ONLY: only measure",
        "    ANY --> CLOSED: reset",
    ]


def test_a_command_that_one_state_ignores_is_drawn_from_each_of_the_others():
    holed = {edge: to for edge, to in TRANSITIONS.items() if edge != (State.OPEN, Command.DISABLE)}
    drawn = [line.strip() for line in diagram(holed).splitlines() if "disable" in line]
    assert drawn == [
        "CLOSED --> DISABLED: disable",
        "HALF_OPEN --> DISABLED: disable",
        "FORCED_OPEN --> DISABLED: disable",
        "METRICS_ONLY --> DISABLED: disable",
    ]
