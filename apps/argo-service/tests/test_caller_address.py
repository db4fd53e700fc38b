"""Behind a proxy callers are told apart by what it says, and by what nobody else says."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from argo_core.errors import InvalidSetting
from argo_service.api.caller_address import caller_address
from argo_service.config.tree import Api
from argo_service.settings import read_configuration

PROXY = "10.0.0.1"
OTHER = "10.0.7.7"
CLIENT = "192.0.2.9"
TRUSTED = (ip_network("10.0.0.1"), ip_network("10.0.7.0/24"), ip_network("fd00::/64"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        # Who is not trusted is counted himself, whatever he says.
        (CLIENT, ["10.0.0.1"], CLIENT),
        (CLIENT, [], CLIENT),
        # A trusted proxy's last word counts, and none that was there before.
        (PROXY, [CLIENT], CLIENT),
        (PROXY, [f"203.0.113.1, {CLIENT}"], CLIENT),
        (PROXY, ["203.0.113.1", CLIENT], CLIENT),
        # Proxies behind proxies, networks, both families.
        (PROXY, [f"203.0.113.1, {CLIENT}, {OTHER}"], CLIENT),
        ("fd00::2", ["2001:db8::1"], "2001:db8::1"),
        ("fd01::2", ["2001:db8::1"], "fd01::2"),
        # IPv4 within IPv6 is the same address, on either side.
        (f"::ffff:{PROXY}", [f"::ffff:{CLIENT}"], CLIENT),
        ("2001:0DB8::0001", [], "2001:db8::1"),
        # Where all are trusted the farthest of them asks.
        (PROXY, [OTHER], OTHER),
        (PROXY, [], PROXY),
        # What is no address ends the list, and who passed it on is counted.
        (PROXY, ["unknown"], PROXY),
        (PROXY, [f"{CLIENT}, "], PROXY),
        (PROXY, [f"{CLIENT}, <script>, {OTHER}"], OTHER),
        (PROXY, [f"{CLIENT}:4711"], PROXY),
        (PROXY, [""], PROXY),
        (None, [CLIENT], "None"),
    ],
)
def test_the_rightmost_address_that_is_not_trusted_wins(
    peer: str | None, forwarded: list[str], found: str
) -> None:
    assert caller_address(peer, forwarded, TRUSTED) == found


@given(st.lists(st.text(max_size=30), max_size=5))
def test_whoever_is_not_trusted_changes_nothing_by_what_is_forwarded(words: list[str]) -> None:
    assert caller_address(CLIENT, words, TRUSTED) == CLIENT
    assert caller_address(PROXY, [*words, CLIENT], TRUSTED) == CLIENT


async def asked(station: Any, address: str, *before: str) -> str:
    lines = [("X-Forwarded-For", word) for word in (*before, address)]
    answer = await station.client.get("/api/v1/signals", headers=CIMultiDict(lines))
    return str(answer.headers["RateLimit"])


async def test_without_the_setting_nobody_is_believed(station: Any) -> None:
    assert await asked(station, "192.0.2.1") == '"default";r=599;t=1'
    assert await asked(station, "192.0.2.2") == '"default";r=598;t=1'


class TestBehindAProxy:
    """The test's own address is a trusted proxy's."""

    @pytest.fixture
    def api(self) -> Api:
        return Api(trusted_proxies=("127.0.0.0/8",))

    async def test_each_address_has_an_allowance_of_its_own(self, station: Any) -> None:
        assert await asked(station, "192.0.2.1") == '"default";r=599;t=1'
        assert await asked(station, "192.0.2.2") == '"default";r=599;t=1'
        assert await asked(station, "192.0.2.1") == '"default";r=598;t=1'

    async def test_lines_that_a_client_made_up_are_not_believed(self, station: Any) -> None:
        assert await asked(station, "192.0.2.1", "203.0.113.1") == '"default";r=599;t=1'
        assert await asked(station, "192.0.2.1", "203.0.113.2") == '"default";r=598;t=1'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10.0.0.1/8", "no address"),
        ("proxy.example", "no address"),
        ("0.0.0.0/0", "believe everybody"),
        ("::/0", "believe everybody"),
    ],
)
def test_what_is_no_proxys_address_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "argo.toml").write_text(f"api.trusted_proxies = ['127.0.0.1', '{text}']\n")
    with pytest.raises(InvalidSetting, match=said) as caught:
        read_configuration(tmp_path / "argo.toml", {})
    assert caught.value.field == "api.trusted_proxies"


def test_proxies_may_be_given_by_the_environment() -> None:
    given = {"ARGO_API__TRUSTED_PROXIES": "127.0.0.1, fd00::/64"}
    settings = read_configuration(None, given).settings
    assert list(map(str, settings.api.proxies())) == ["127.0.0.1/32", "fd00::/64"]
