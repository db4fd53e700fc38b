from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.delivery.address import is_own_network, is_public

NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 - nothing listens here
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd12:3456:789a::1",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1111%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
NO_ADDRESS = ["", "localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "8.8.8.8 "]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "168.63.129.15",
    "172.15.255.255",
    "172.32.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2000::1",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2606:4700:4700::1111",
    "3ffe::1",
]


@pytest.mark.parametrize("text", NOT_PUBLIC + NO_ADDRESS)
def test_what_is_not_of_the_public_internet_is_kept_out(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize("text", PUBLIC)
def test_the_public_internet_is_let_in_up_to_its_borders(text: str) -> None:
    assert is_public(text)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_nothing_is_let_in_that_the_standard_library_calls_private(
    address: IPv4Address | IPv6Address,
) -> None:
    if is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_never_let_in_dressed_as_ipv6(address: IPv4Address) -> None:
    four = int(address)
    dressed = (
        four,
        0xFFFF << 32 | four,
        0xFFFF << 48 | four,
        0x64_FF9B << 96 | four,
        0x2002 << 112 | four << 80,
        0x2001_0000 << 96 | (four ^ 0xFFFF_FFFF),
    )

    assert not any(is_public(str(IPv6Address(six))) for six in dressed)


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "10.1.2.3", "172.20.0.1", "192.168.0.9", "::1", "fd12::1"]
)
def test_the_own_network_is_loopback_and_private(text: str) -> None:
    assert is_own_network(text)


@pytest.mark.parametrize(
    "text",
    ["169.254.169.254", "fd00:ec2::254", "8.8.8.8", "224.0.0.1", "0.0.0.1", "fe80::1%1", "nobody"],
)
def test_the_own_network_is_neither_metadata_nor_the_world(text: str) -> None:
    assert not is_own_network(text)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_no_address_is_both_public_and_of_the_own_network(
    address: IPv4Address | IPv6Address,
) -> None:
    text = str(ip_address(address))

    assert not (is_public(text) and is_own_network(text))
