from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_adapters.http.fields import Node
from argo_core.consensus.opinion import MASSIVE
from argo_core.errors import VendorGarbled
from argo_core.market.moment import to_micros

MOMENTS = st.datetimes(datetime(2000, 1, 2), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is an argument


def root(value: object) -> Node:
    return Node(MASSIVE, value)


def test_a_path_leads_to_the_value() -> None:
    node = root({"results": [{"t": 1}, {"t": "x"}]})
    with pytest.raises(VendorGarbled, match=r"^massive: \$\.results\[1\]\.t is 'x', not a finite"):
        [row["t"].number() for row in node["results"].rows()]


def test_a_missing_and_a_null_member_are_both_missing() -> None:
    for value in ({}, {"p": None}):
        assert root(value).get("p") is None
        with pytest.raises(VendorGarbled, match=r"\$\.p is missing"):
            root(value)["p"]


def test_members_skip_nulls_and_name_their_key() -> None:
    found = dict(root({"AAPL": {"p": 1}, "MSFT": None}).members())
    assert list(found) == ["AAPL"]
    assert found["AAPL"]["p"].path == "$['AAPL'].p"


@pytest.mark.parametrize("value", [True, "1", None, [1], {"a": 1}, 10**400, float("inf")])
def test_only_a_finite_number_is_a_number(value: object) -> None:
    with pytest.raises(VendorGarbled, match="not a finite number"):
        root(value).number()


@pytest.mark.parametrize("value", [0, -1.5, 0.0, True, "205.81", float("nan")])
def test_only_a_number_above_zero_is_a_price(value: object) -> None:
    with pytest.raises(VendorGarbled):
        root(value).positive_price()


@pytest.mark.parametrize("value", ["", "None", "1e5", "-1.0", "0.000", "NaN", " 1", 1.5, "１"])  # noqa: RUF001 - a digit that is not ASCII
def test_only_plain_digits_above_zero_are_a_price_in_text(value: object) -> None:
    with pytest.raises(VendorGarbled):
        root(value).positive_price_in_text()


@given(st.decimals("0.0001", "999999", places=4))
def test_a_price_keeps_the_digits_the_vendor_wrote(price: Decimal) -> None:
    assert root(float(price)).positive_price() == price
    assert root(str(price)).positive_price_in_text() == price
    assert root(str(-price)).number_in_text() == -float(price)


@given(MOMENTS)
def test_every_unit_of_time_reads_back_exactly(moment: datetime) -> None:
    micros = to_micros(moment)
    assert root(micros * 1000 + 999).moment_from_ns() == moment
    assert root(micros // 1000).moment_from_ms() == moment - timedelta(microseconds=micros % 1000)
    assert root(micros // 10**6).moment_from_s() == moment.replace(microsecond=0)
    assert root(moment.isoformat()).moment_from_iso() == moment


def test_nine_digits_of_a_second_are_cut_to_six() -> None:
    moment = root("2026-11-20T19:59:59.123456789Z").moment_from_iso()
    assert moment == datetime(2026, 11, 20, 19, 59, 59, 123456, UTC)
    assert root("2026-11-20T14:59:59.5-05:00").moment_from_iso().hour == 19


@pytest.mark.parametrize(
    "read",
    [Node.moment_from_ns, Node.moment_from_ms, Node.moment_from_s, Node.moment_from_iso],
)
@pytest.mark.parametrize("value", [0, -5, 10**30, 1.5, "2026-11-20", "2026-13-01T00:00:00Z", None])
def test_a_moment_outside_this_century_is_refused(
    read: Callable[[Node], datetime], value: object
) -> None:
    with pytest.raises(VendorGarbled):
        read(root(value))


def test_a_stamp_in_the_wrong_unit_is_refused() -> None:
    milliseconds = 1_795_186_740_000
    assert root(milliseconds).moment_from_ms().year == 2026
    for read in (Node.moment_from_ns, Node.moment_from_s):
        with pytest.raises(VendorGarbled, match="this century"):
            read(root(milliseconds))


def test_wrong_types_are_named_without_printing_them_at_length() -> None:
    for value in ("x" * 10**6, ["x"] * 10**6, {"x": "y" * 10**6}, 10**4000):
        with pytest.raises(VendorGarbled) as caught:
            root(value).flag()
        assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    ("read", "value"),
    [(Node.text, 1), (Node.flag, 0), (Node.whole, 1.0), (Node.whole, True), (Node.mapping, [])],
)
def test_a_wrong_type_is_refused(read: Callable[[Node], object], value: object) -> None:
    with pytest.raises(VendorGarbled, match=r"\$ is "):
        read(root(value))


def test_right_types_are_given_as_they_are() -> None:
    assert root("a").text() == "a"
    assert root(False).flag() is False
    assert root(7).whole() == 7
    with pytest.raises(VendorGarbled, match="not an array"):
        list(root({}).rows())
    with pytest.raises(VendorGarbled, match="true or false"):
        root(1.5).flag()
