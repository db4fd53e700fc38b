from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alpine_service.domain.delivery.target import TargetRules, check_target
from alpine_service.errors import InvalidInput

OWN_NETWORK = TargetRules(own_network=True)

LOOPBACK_SPELLINGS = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.01",
    "127.000.000.001",
    "0",
    "0.0.0.0",  # noqa: S104 - nothing listens here
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[fe80::1%25eth0]",
    "[fe80::1%25]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "localhost.localdomain",
    "\u2460\u2461\u2466.0.0.1",
    "\uff11\uff12\uff17.0.0.1",
    "127\u30020\u30020\u30021",
    "metadata.google.internal",
    "169.254.169.254",
    "intranet",
    "printer.local",
]


@pytest.mark.parametrize("host", LOOPBACK_SPELLINGS)
def test_no_spelling_of_an_inner_host_can_be_registered(host: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_target(f"https://{host}/hook")

    assert refused.value.field == "url"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https",
        "https://",
        "https:///hook",
        "//example.com/hook",
        "http://example.com/hook",
        "ftp://example.com/hook",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://@example.com@127.0.0.1/",
        "https://example.com/#fragment",
        "https://example.com:0/",
        "https://example.com:22/",
        "https://example.com:25/",
        "https://example.com:99999/",
        "https://example.com:port/",
        "https://exa mple.com/",
        "https://example.com/a b",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/\r\nx: y",
        "https://exam\u0000ple.com/",
        "https://[::1/hook",
        "https://[::1::2]/hook",
        "https://-[]>@/hook",
        "https://[2606:4700:::1]/hook",
        "https://-a-.example.com/",
        "https://a..example.com/",
        "https://" + "a." * 130 + "com/",
        "https://example.com/" + "a" * 2_048,
        "https://example.com/" + "\u00e4" * 1_000,
    ],
)
def test_what_is_no_url_for_a_webhook_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        check_target(text)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("https://example.com/hook?a=1", "https://example.com/hook?a=1"),
        ("HTTPS://EXAMPLE.com", "https://example.com/"),
        ("https://example.com:443/", "https://example.com/"),
        ("https://example.com:8443/x", "https://example.com:8443/x"),
        ("https://example.com./x", "https://example.com./x"),
        ("https://b\u00fccher.example.com/", "https://xn--bcher-kva.example.com/"),
        ("https://8.8.8.8/", "https://8.8.8.8/"),
        ("https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]/"),
    ],
)
def test_a_url_of_the_public_internet_is_taken_in_its_normal_spelling(
    text: str, normal: str
) -> None:
    assert check_target(text) == normal
    assert check_target(normal) == normal


@pytest.mark.parametrize(
    "text",
    ["http://127.0.0.1:8099/hook", "http://localhost:8099/", "https://receiver/", "http://[::1]/"],
)
def test_the_own_network_can_be_registered_where_the_operator_allows_it(text: str) -> None:
    assert check_target(text, OWN_NETWORK) == text


@pytest.mark.parametrize(
    "text", ["http://169.254.169.254/", "http://[fe80::1%25eth0]/", "http://0/"]
)
def test_metadata_and_links_cannot_be_registered_even_then(text: str) -> None:
    with pytest.raises(InvalidInput):
        check_target(text, OWN_NETWORK)


def test_a_refusal_does_not_repeat_the_url() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_target("https://user:hunter2@example.com/")

    assert "hunter2" not in str(refused.value)


@given(st.text(st.sampled_from("aZ09.:/@[]<>-_%#?& \u3002\u00df\u0130"), max_size=30))
@example("[::1::2]")
@example("-[]>@")
def test_no_url_is_too_strange_to_be_refused(rest: str) -> None:
    for rules in (TargetRules(), OWN_NETWORK):
        for scheme in ("https", "http"):
            with suppress(InvalidInput):
                check_target(f"{scheme}://{rest}/", rules)
