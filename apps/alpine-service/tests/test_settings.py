import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.errors import InvalidSetting
from alpine_service.settings import Settings, read_settings


def test_an_empty_environment_means_loopback() -> None:
    assert read_settings({}) == Settings(host="127.0.0.1", port=8091)


def test_host_and_port_are_taken_from_the_environment() -> None:
    environment = {"ALPINE_HOST": " ::1 ", "ALPINE_PORT": "9000"}

    assert read_settings(environment) == Settings(host="::1", port=9000)


@given(st.integers(0, 65_535))
def test_every_port_is_read_as_it_was_written(port: int) -> None:
    assert read_settings({"ALPINE_PORT": str(port)}).port == port


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("ALPINE_HOST", "  ", "empty"),
        ("ALPINE_PORT", "", "not a number"),
        ("ALPINE_PORT", "http", "not a number"),
        ("ALPINE_PORT", "65536", "not a port"),
        ("ALPINE_PORT", "-1", "not a port"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_with_its_name(
    name: str, value: str, problem: str
) -> None:
    with pytest.raises(InvalidSetting, match=problem) as refused:
        read_settings({name: value})

    assert refused.value.name == name
    assert refused.value.fix.startswith("give ")
