"""Which account of Alpaca is traded, and that nobody trades a live one by mistake."""

from ipaddress import ip_address

from attrs import field, frozen
from yarl import URL

from argo_core.errors import InvalidSetting

PAPER_HOST = "paper-api.alpaca.markets"
LIVE_HOST = "api.alpaca.markets"
DATA_HOST = "data.alpaca.markets"


@frozen
class AlpacaBrokerSettings:
    """How Alpaca trades for us; refused at once where the addresses are not what `live` says.

    `base_url` is the paper account's, a simulator's on this machine, or the live account's, which
    needs `live` as well. The stream's address follows from it. `data_url` has the corporate
    actions, by default at Alpaca's data host or at the same simulator. `timeout_s` bounds each
    call and `backoff_s` is the first pause before the stream is opened again; after a refused key
    it is `refused_s`. All are wall seconds.
    """

    key_id: str = field(repr=False)
    secret_key: str = field(repr=False)
    base_url: str = f"https://{PAPER_HOST}"
    live: bool = False
    data_url: str = ""
    timeout_s: float = 10.0
    backoff_s: float = 1.0
    refused_s: float = 300.0

    def __attrs_post_init__(self) -> None:
        for name in ("key_id", "secret_key"):
            key = getattr(self, name)
            if not key or not key.isascii() or not key.isprintable() or " " in key:
                problem = "it is empty or has stray characters"
                raise InvalidSetting(f"alpaca.{name}", problem, "give the key as Alpaca shows it")
        for name in ("timeout_s", "backoff_s", "refused_s"):
            if not 0 < getattr(self, name) < 86_400:  # noqa: PLR2004 - a day
                problem = "it is no span of seconds"
                raise InvalidSetting(f"alpaca.{name}", problem, "give a number above zero")
        base = _address("base_url", self.base_url)
        self._check_account(base)
        if self.data_url:
            self._check_data(_address("data_url", self.data_url))

    @property
    def name(self) -> str:
        """`alpaca-paper` or `alpaca-live`; a simulator is paper."""
        return "alpaca-live" if self.live else "alpaca-paper"

    @property
    def rest(self) -> str:
        """What stands before `/v2`."""
        return self.base_url.rstrip("/")

    @property
    def stream(self) -> str:
        """Where executions are told."""
        return f"ws{self.rest.removeprefix('http')}/stream"

    @property
    def data(self) -> str:
        """What stands before `/v1/corporate-actions`."""
        if self.data_url:
            return self.data_url.rstrip("/")
        return self.rest if _is_here(URL(self.base_url)) else f"https://{DATA_HOST}"

    def _check_account(self, base: URL) -> None:
        setting = "alpaca.base_url"
        if self.live:
            if base.host != LIVE_HOST:
                problem = "alpaca.live is set and this is not the live account's address"
                raise InvalidSetting(setting, problem, f"give https://{LIVE_HOST}, or unset it")
        elif base.host == LIVE_HOST:
            problem = "this is the live account's address and alpaca.live is not set"
            raise InvalidSetting(setting, problem, f"give https://{PAPER_HOST}, or set it")
        elif base.host != PAPER_HOST and not _is_here(base):
            problem = "this is neither Alpaca nor a simulator on this machine"
            raise InvalidSetting(setting, problem, f"give https://{PAPER_HOST}")
        if not _is_here(base) and base.path not in {"", "/"}:
            raise InvalidSetting(setting, "it has a path", "leave `/v2` and all else away")

    def _check_data(self, data: URL) -> None:
        simulated = _is_here(URL(self.base_url))
        if _is_here(data) if simulated else data.host == DATA_HOST:
            return
        fix = "give a simulator's too" if simulated else f"give https://{DATA_HOST}"
        raise InvalidSetting("alpaca.data_url", "it is not of the same world as base_url", fix)


def _address(name: str, text: str) -> URL:
    setting, fix = f"alpaca.{name}", "give an address such as https://paper-api.alpaca.markets"
    try:
        url = URL(text)
        whole = bool(url.host) and url.explicit_port != 0
    except ValueError:
        raise InvalidSetting(setting, "it is not an address", fix) from None
    if not whole or url.scheme not in {"http", "https"}:
        raise InvalidSetting(setting, "it is not an HTTP address", fix)
    if url.user or url.password or url.query_string or url.fragment:
        # The text is not repeated: somebody may have put a key there.
        raise InvalidSetting(setting, "it has credentials, a query or a fragment", fix)
    if not _is_here(url) and (url.scheme != "https" or not url.is_default_port()):
        raise InvalidSetting(setting, "a key would travel unprotected", fix)
    return url


def _is_here(url: URL) -> bool:
    """Whether nothing that is sent there leaves the machine."""
    host = url.host or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
