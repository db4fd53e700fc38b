"""A trace as a picture: every piece of work is a row, in its place and of its length."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import field, frozen

from argo_service.cli.main import main
from argo_service.waterfall import waterfall

SVG = "{http://www.w3.org/2000/svg}"
MS = 1_000_000
PICTURE = Path(__file__).parents[3] / "docs" / "images" / "cycle-trace.svg"


@frozen
class Work:
    """A piece of work."""

    name: str
    id: int
    parent: int
    began_ns: int
    ended_ns: int
    attributes: Mapping[str, str | float | bool] = field(factory=dict)
    failed: str | None = None


CYCLE = Work("cycle", 1, 0, 0, 100 * MS, {"number": 7})
ASK = Work("ask", 2, 1, 10 * MS, 60 * MS, {"source": "grok"})
GET = Work("POST", 3, 2, 20 * MS, 50 * MS, {"url.full": "https://api.example/v1/responses"})
APPEND = Work("append", 4, 1, 80 * MS, 90 * MS)
STRANGER = Work("cycle", 9, 0, 200 * MS, 300 * MS, {"number": 8})


def texts(svg: str) -> list[str]:
    return [str(one.text) for one in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 - ours


def bars(svg: str) -> list[tuple[float, float, str]]:
    """Where each begins, how wide it is and of which colour."""
    rects = ET.fromstring(svg).iter(f"{SVG}rect")  # noqa: S314 - ours
    return [
        (float(one.attrib["x"]), float(one.attrib["width"]), one.attrib["fill"])
        for one in rects
        if one.find(f"{SVG}title") is not None
    ]


def test_parts_come_below_what_they_are_parts_of_and_strangers_are_left_out() -> None:
    said = texts(waterfall([APPEND, STRANGER, GET, ASK, CYCLE]))
    assert said[0] == "cycle 7: 100 ms, 3 parts"
    rows = [one for one in said if one in {"cycle", "ask grok", "POST /v1/responses", "append"}]
    assert rows == ["cycle", "ask grok", "POST /v1/responses", "append"]


def test_a_bar_is_as_long_as_its_work_and_stands_where_it_began() -> None:
    (cycle, ask, get, append) = bars(waterfall([CYCLE, ASK, GET, APPEND]))
    whole = cycle[1]
    assert ask[0] - cycle[0] == pytest.approx(whole * 0.1, abs=0.2)
    assert [one[1] / whole for one in (ask, get, append)] == pytest.approx(
        [0.5, 0.3, 0.1], abs=0.01
    )


def test_what_failed_has_a_colour_of_its_own() -> None:
    failed = Work("ask", 2, 1, 10 * MS, 60 * MS, {"source": "grok"}, "VendorUnavailable")
    well, broken = bars(waterfall([CYCLE, ASK]))[1][2], bars(waterfall([CYCLE, failed]))[1][2]
    assert well != broken


def test_the_axis_has_round_marks_from_nothing_to_the_end() -> None:
    marks = [one for one in texts(waterfall([CYCLE])) if one.endswith(" ms")]
    assert [one for one in marks if one != "100 ms"] == ["0 ms", "20 ms", "40 ms", "60 ms", "80 ms"]


@pytest.mark.parametrize("ended", [0, 1, 7, 999, 10**6, 10**9, 3 * 10**11])
def test_a_cycle_of_any_length_can_be_drawn(ended: int) -> None:
    svg = waterfall([Work("cycle", 1, 0, 0, ended)])
    assert len([one for one in texts(svg) if one.endswith(" ms")]) <= 8


def test_names_cannot_break_out_of_the_picture() -> None:
    evil = Work("<script>", 2, 1, 0, 1, {"source": '"/><script>'}, "<b>")
    svg = waterfall([CYCLE, evil])
    assert "<script" not in svg
    assert ET.fromstring(svg) is not None  # noqa: S314 - ours


def test_a_thousand_parts_are_not_drawn() -> None:
    many = [Work("ask", 10 + number, 1, number, number + 1) for number in range(1_000)]
    svg = waterfall([CYCLE, *many])
    assert len(bars(svg)) == 200
    assert texts(svg)[0].endswith("1000 parts")


def test_without_a_cycle_there_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="no cycle"):
        waterfall([GET])


def test_the_command_draws_where_a_cycle_s_time_went(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trace.svg"
    assert main(["cycle", "--symbols", "NVR", "--trace", str(path)]) == 0
    said = texts(path.read_text("utf-8"))
    assert {"cycle", "ask alpaca", "ask grok", "decide", "append", "publication"} <= set(said)
    assert any(one.startswith(("GET /", "POST /")) for one in said)
    capsys.readouterr()


def test_a_picture_that_cannot_be_written_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = tmp_path / "absent" / "trace.svg"
    assert main(["cycle", "--symbols", "NVR", "--trace", str(absent)]) != 0
    assert "cannot be written" in capsys.readouterr().err


def test_the_picture_in_the_guide_shows_every_part_of_a_cycle() -> None:
    said = set(texts(PICTURE.read_text("utf-8")))
    parts = {"alpaca", "massive", "alpha_vantage", "grok", "sonar"}
    assert {"decide", "append", "publication", *(f"ask {one}" for one in parts)} <= said
