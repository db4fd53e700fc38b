"""A recording comes back as it was written, and says clearly what is wrong with a damaged one."""

from hashlib import sha256
from typing import Any

import orjson
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.recording import (
    About,
    End,
    Origin,
    Recording,
    dump,
    fingerprint,
    write_about,
    write_end,
)
from argo_core.backtest.tape import load
from argo_core.consensus.opinion import GROK
from argo_core.consensus.profile import Profile
from argo_core.engine.inputs import Input, Recovered, Settled
from argo_core.engine.outside import Registration
from argo_core.errors import InvalidInput
from argo_core.market.instrument import instrument
from argo_core.testing.inputs import inputs
from argo_core.testing.strategies import SYMBOLS, instruments, profiles

KEY = bytes(range(32))
REGISTRATION = Registration("example.com/log", "test", "c" * 64, "d" * 64, seed=7)
DELAYED = evolve(REGISTRATION, reveal_after_s=60, reveal_key=KEY)
ABOUT = About.of(REGISTRATION, Profile(), (instrument("NVR"),), Origin.LIVE)
SOME: tuple[Input, ...] = (Recovered(GROK), Settled(3), Settled(None))
LINES = list(dump(ABOUT, SOME))


@given(st.lists(inputs(), max_size=5), profiles(), instruments(), st.sampled_from(Origin))
def test_a_recording_comes_back_as_it_was_written(
    told: list[Input], profile: Profile, one: Any, origin: Origin
) -> None:
    about = About.of(DELAYED, profile, (one,), origin)
    recording = Recording(dump(about, told))
    assert recording.about == about
    assert list(recording) == told
    assert recording.missing is None
    assert recording.count == len(told)


def test_a_header_has_everything_but_the_key() -> None:
    about = About.of(DELAYED, Profile(), tuple(map(instrument, SYMBOLS)), Origin.SIMULATED)
    header = orjson.loads(write_about(about))
    assert (header["format"], header["version"], header["holds"]) == ("argo-tape", 2, "inputs")
    assert header["reveal_key_sha256"] == fingerprint(KEY) != fingerprint(KEY[::-1])
    assert KEY.hex() not in write_about(about).decode()
    assert about.registration(KEY) == DELAYED
    assert ABOUT.registration() == REGISTRATION
    assert ABOUT.registration(KEY) == REGISTRATION


@pytest.mark.parametrize(("key", "why"), [(None, "none is given"), (KEY[::-1], "is another one")])
def test_another_key_than_the_engine_had_is_refused(key: bytes | None, why: str) -> None:
    about = About.of(DELAYED, Profile(), (), Origin.LIVE)
    with pytest.raises(InvalidInput, match=f"sealed with a key, and .*{why}"):
        about.registration(key)


def test_a_symbol_is_listed_once() -> None:
    with pytest.raises(InvalidInput, match="a symbol is listed twice"):
        evolve(ABOUT, instruments=ABOUT.instruments * 2)


def header(**change: object) -> bytes:
    return orjson.dumps({**orjson.loads(LINES[0]), **change}) + b"\n"


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        ([], "tape: it is empty; give a file that `argo tape record` wrote"),
        ([b"{"], "recording line 1: not JSON"),
        ([b'{"format": "other"}'], "tape: it is no argo-tape"),
        ([header(version=3)], "tape: version 3 is newer"),
        ([header(holds="market")], "it holds 'market', not 'inputs'; play it with `argo demo"),
        ([header(holds="cheese")], "it holds 'cheese', not 'inputs'; play it with the program"),
        ([header(seed="7")], "recording line 1: no header: InvalidInput: value: '7' is no int"),
        ([header(more=1)], "recording line 1: no header: ForbiddenExtraKeysError"),
        ([header(origin="dreamt")], "recording line 1: no header: ValueError"),
        ([LINES[0].replace(b":", b": ")], "the header is not spelled as it was written"),
        (LINES[:3], "its end is missing: it was cut off; .*--partial"),
        ([*LINES[:2], LINES[2][:-5]], "recording line 3: not JSON"),
        ([*LINES[:2], b"{}\n", *LINES[3:]], "recording line 3: kind 'None' is unknown"),
        ([*LINES[:2], *LINES[3:]], "recording: 2 inputs are there where its end says 3"),
        ([LINES[0], LINES[2], LINES[1], *LINES[3:]], "not those that its end has the hash of"),
        ([header(seed=8), *LINES[1:]], "not those that its end has the hash of"),
        ([*LINES, LINES[1]], "recording line 6: it follows the end"),
        ([*LINES, LINES[4]], "recording line 6: it follows the end"),
        ([*LINES[:4], b'{"kind":"end"}\n'], "recording line 5: no end: KeyError"),
        ([*LINES[:4], b'{"kind":"end"'], "recording line 5: no end: JSONDecodeError"),
        ([*LINES[:4], b'{"kind":"end","inputs":"3","missing":null}'], "no end: InvalidInput"),
    ],
)
def test_a_damaged_recording_names_its_line(damaged: list[bytes], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        list(Recording(damaged))


def test_each_kind_of_tape_is_refused_where_the_other_is_wanted() -> None:
    with pytest.raises(InvalidInput, match=r"it holds 'inputs', not 'market'; .*`argo replay`"):
        load(LINES)


@given(st.data())
def test_of_a_recording_cut_off_anywhere_the_whole_lines_can_be_read(data: st.DataObject) -> None:
    rest = b"".join(LINES[1:4])
    cut = rest[: data.draw(st.integers(0, len(rest) - 1))]
    recording = Recording([LINES[0], *cut.splitlines(keepends=True)], partial=True)
    assert tuple(recording) == SOME[: cut.count(b"\n")]
    assert recording.missing == "it was cut off"
    assert recording.count == cut.count(b"\n")


def test_a_whole_recording_is_whole_also_for_those_who_would_take_less() -> None:
    recording = Recording(LINES, partial=True)
    assert (tuple(recording), recording.missing) == (SOME, None)


def test_damage_in_the_middle_is_no_cut() -> None:
    recording = Recording([LINES[0], LINES[1][:-3] + b"\n", LINES[2]], partial=True)
    with pytest.raises(InvalidInput, match="recording line 2: not JSON"):
        list(recording)


def test_a_recording_says_why_it_is_not_whole() -> None:
    recording = Recording(
        [LINES[0], write_end(End(0, sha256(LINES[0]).hexdigest(), "the disk was full"))]
    )
    assert list(recording) == []
    assert recording.missing == "the disk was full"
