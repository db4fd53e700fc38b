"""How Alpaca's stream of market data is reached."""

from attrs import field, frozen
from yarl import URL

from argo_adapters.http.key import Key
from argo_adapters.vendors.alpaca.source import Feed
from argo_core.errors import InvalidSetting

_HOSTS = {
    "data.alpaca.markets": "stream.data.alpaca.markets",
    "data.sandbox.alpaca.markets": "stream.data.sandbox.alpaca.markets",
}


@frozen
class AlpacaStreamSettings:
    """`base_url` is that of the calls; the stream's address follows from it.

    `most` symbols have their quotes told at a time: the free plan's limit. `timeout_s` bounds each
    step of the beginning. `backoff_s` is the first pause before the stream is opened again,
    `busy_s` that while another connection has the account's only place, and `refused_s` that after
    a refused key, plan or subscription. All are seconds; `timeout_s` is on the wall.
    """

    key: Key = field(repr=False)
    base_url: str = "https://data.alpaca.markets"
    feed: Feed = field(default=Feed.IEX, converter=Feed)
    most: int = 30
    timeout_s: float = 10.0
    backoff_s: float = 1.0
    busy_s: float = 15.0
    refused_s: float = 300.0

    @property
    def url(self) -> URL:
        """Where the stream is.

        Raises:
            InvalidSetting: the address is none, or has what may be a key.
        """
        name, fix = "alpaca.base_url", "give an address such as https://data.alpaca.markets"
        try:
            base = URL(self.base_url)
        except ValueError:
            raise InvalidSetting(name, "it is not an address", fix) from None
        if base.scheme not in {"http", "https"} or not base.host:
            raise InvalidSetting(name, "it is not an HTTP address", fix)
        if base.user or base.password or base.query_string or base.fragment:
            # The text is not repeated: somebody may have put a key there.
            raise InvalidSetting(name, "it has credentials, a query or a fragment", fix)
        host = _HOSTS.get(base.host, base.host)
        path = base.path.rstrip("/")
        scheme = "wss" if base.scheme == "https" else "ws"
        return base.with_scheme(scheme).with_host(host).with_path(f"{path}/v2/{self.feed}")
