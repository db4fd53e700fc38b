"""Where requests come from, and how often strangers may ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.api.address_limit import AddressLimit
from alpine_service.api.client_address import client_address, site_of

PROXIES = frozenset({"10.0.0.1", "10.0.0.2"})


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9," * 200, "10.0.0.1"),
        ("::ffff:10.0.0.1", "2001:DB8:0::9", "2001:db8::9"),
        ("fe80::1%eth0", None, "fe80::1"),
        (None, None, "unknown"),
    ],
)
def test_an_address_is_what_those_say_who_are_believed(
    peer: str | None, forwarded: str | None, address: str
) -> None:
    assert client_address(peer, forwarded, PROXIES) == address


@given(st.text(st.sampled_from("0123456789abcdef.:, %x")))
def test_whatever_a_stranger_forwards_the_peer_is_the_address(forwarded: str) -> None:
    assert client_address("192.0.2.1", forwarded, PROXIES) == "192.0.2.1"


def test_a_site_is_an_address_or_the_network_of_one() -> None:
    assert site_of("192.0.2.1") == "192.0.2.1"
    assert site_of("2001:db8:1:2:3::9") == site_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert site_of("unknown") == "unknown"


STEPS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([0.0, 0.5, 1, 30])), max_size=40)


@given(STEPS, st.integers(1, 3))
def test_nobody_gets_more_than_a_full_bucket_and_what_flows_in(
    steps: list[tuple[str, float]], per_minute: int
) -> None:
    limit = AddressLimit(per_minute)
    now, granted = 0.0, {"a": 0, "b": 0}
    for site, pause in steps:
        now += pause
        left = limit.spend(site, now)
        granted[site] += not left.wait_s
        assert 0 <= left.remaining <= per_minute
        assert granted[site] <= per_minute + now * per_minute / 60 + 1e-6


@given(st.integers(1, 5))
def test_who_waits_as_long_as_told_is_served(per_minute: int) -> None:
    limit = AddressLimit(per_minute)
    for _ in range(per_minute):
        assert not limit.spend("a", 0.0).wait_s
    refused = limit.spend("a", 0.0)

    assert refused.wait_s > 0
    assert not limit.spend("a", refused.wait_s + 1e-9).wait_s


def test_the_number_of_buckets_is_bounded_and_the_oldest_is_forgotten() -> None:
    limit = AddressLimit(1, sites=2)
    for site in "abc":
        assert not limit.spend(site, 0.0).wait_s

    assert limit.spend("c", 0.0).wait_s
    assert not limit.spend("a", 0.0).wait_s
