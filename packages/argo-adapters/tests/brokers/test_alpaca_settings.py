"""Nobody trades a live account by mistake, and no key travels unprotected."""

import pytest

from argo_adapters.brokers.alpaca.settings import AlpacaBrokerSettings
from argo_core.errors import InvalidSetting

PAPER, LIVE = "https://paper-api.alpaca.markets", "https://api.alpaca.markets"
KEY, SECRET = "canary-key-id", "canary-secret-key"


def settings(base_url: str = PAPER, *, live: bool = False, data_url: str = "") -> object:
    return AlpacaBrokerSettings(KEY, SECRET, base_url, live=live, data_url=data_url)


@pytest.mark.parametrize(
    ("base_url", "live", "name", "stream", "data"),
    [
        (PAPER, False, "alpaca-paper", "wss://paper-api.alpaca.markets/stream", None),
        (f"{PAPER}/", False, "alpaca-paper", "wss://paper-api.alpaca.markets/stream", None),
        (f"{PAPER}:443", False, "alpaca-paper", "wss://paper-api.alpaca.markets:443/stream", None),
        (LIVE, True, "alpaca-live", "wss://api.alpaca.markets/stream", None),
        (
            "http://127.0.0.1:8080/alpaca",
            False,
            "alpaca-paper",
            "ws://127.0.0.1:8080/alpaca/stream",
            "http://127.0.0.1:8080/alpaca",
        ),
        (
            "http://[::1]:8080",
            False,
            "alpaca-paper",
            "ws://[::1]:8080/stream",
            "http://[::1]:8080",
        ),
        (
            "https://localhost:8080/alpaca",
            False,
            "alpaca-paper",
            "wss://localhost:8080/alpaca/stream",
            "https://localhost:8080/alpaca",
        ),
    ],
)
def test_the_other_addresses_follow_from_the_first(
    base_url: str, live: bool, name: str, stream: str, data: str | None
) -> None:
    one = AlpacaBrokerSettings(KEY, SECRET, base_url, live=live)
    assert (one.name, one.stream) == (name, stream)
    assert one.data == (data or "https://data.alpaca.markets")


@pytest.mark.parametrize(
    ("base_url", "live"),
    [
        (LIVE, False),
        (PAPER, True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", True),
        ("https://paper-api.alpaca.markets.example.com", False),
        ("https://example.com/paper-api.alpaca.markets", False),
        ("https://api.alpaca.markets.example.com", True),
        ("https://broker-api.alpaca.markets", True),
        ("https://broker-api.alpaca.markets", False),
        ("https://10.0.0.7", False),
        ("http://localhost.example.com", False),
        ("https://127.0.0.1.example.com", False),
        ("http://paper-api.alpaca.markets", False),
        ("http://api.alpaca.markets", True),
        ("https://paper-api.alpaca.markets:8443", False),
        ("https://paper-api.alpaca.markets/v2", False),
        (f"https://{KEY}:{SECRET}@paper-api.alpaca.markets", False),
        (f"https://paper-api.alpaca.markets?key={SECRET}", False),
        ("https://paper-api.alpaca.markets#v2", False),
        ("wss://paper-api.alpaca.markets", False),
        ("paper-api.alpaca.markets", False),
        ("https://", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_an_address_that_does_not_match_is_refused_at_once(base_url: str, live: bool) -> None:
    with pytest.raises(InvalidSetting) as refused:
        settings(base_url, live=live)
    assert refused.value.field == "alpaca.base_url"
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("base_url", "data_url"),
    [
        (PAPER, "https://example.com"),
        (PAPER, "http://data.alpaca.markets"),
        (PAPER, "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080", "https://data.alpaca.markets"),
    ],
)
def test_the_data_are_of_the_same_world(base_url: str, data_url: str) -> None:
    with pytest.raises(InvalidSetting, match=r"alpaca\.data_url"):
        settings(base_url, data_url=data_url)
    settings(PAPER, data_url="https://data.alpaca.markets")
    settings("http://127.0.0.1:8080", data_url="http://127.0.0.1:9090/alpaca")


@pytest.mark.parametrize("key", ["", "two words", "new\nline", "umläut", "tab\t"])
def test_a_key_with_stray_characters_is_refused_and_not_repeated(key: str) -> None:
    for keys in ((key, SECRET), (KEY, key)):
        with pytest.raises(InvalidSetting, match="key") as refused:
            AlpacaBrokerSettings(*keys)
        assert not key or key not in str(refused.value)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_spans_are_spans(seconds: float) -> None:
    for name in ("timeout_s", "backoff_s", "refused_s"):
        with pytest.raises(InvalidSetting, match=name):
            AlpacaBrokerSettings(KEY, SECRET, **{name: seconds})


def test_no_key_is_shown() -> None:
    assert "canary" not in repr(settings())
