"""A witness over HTTP: C2SP tlog-witness, `POST <prefix>/add-checkpoint`."""

from collections.abc import Sequence

import aiohttp
from attrs import frozen
from yarl import URL

from argo_adapters.http.bounded_body import OversizeError, PackingError, bounded_body
from argo_adapters.http.secrecy import Redactor
from argo_core.errors import InvalidInput, WitnessAway, WitnessError, WitnessRefused
from argo_core.ledger.add_checkpoint import AddCheckpoint, parse_cosignature_lines, parse_size
from argo_core.ledger.note import MAX_NOTE_BYTES, SignatureLine
from argo_core.ledger.verifier_key import COSIGNATURE, VerifierKey

TIMEOUT_S = 10.0
SIZE_TYPE = "text/x.tlog.size"
_CHUNK = 4_096
_OK, _CONFLICT = 200, 409
# What says "not now": a timeout, too early, too many requests, and every fault of the server.
_LATER = {408, 425, 429}
_HEADERS = {
    "Accept": f"text/plain, {SIZE_TYPE}",
    "Accept-Encoding": "identity",
    "Content-Type": "text/plain; charset=utf-8",
}


@frozen
class _Reply:
    status: int
    content_type: str
    body: bytes


class HttpWitness:
    """Keeps the promises of the port `Witness` with the witness whose prefix is `url`.

    Requests are made through `session`, which should follow no proxy variables. Redirects are
    refused, and no more of an answer is read than a note may have.

    Raises:
        InvalidInput: the address or the key is not a witness's.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        key: VerifierKey,
        *,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        if key.algorithm != COSIGNATURE:
            raise InvalidInput("key", "it signs checkpoints", "give one that cosigns")
        self._session = session
        self._url = _prefix(url) / "add-checkpoint"
        self._key = key
        self._timeout_s = timeout_s

    def __repr__(self) -> str:
        return f"HttpWitness({self._url}, {self._key})"

    @property
    def key(self) -> VerifierKey:
        """The key it cosigns with."""
        return self._key

    async def add_checkpoint(self, asked: AddCheckpoint) -> Sequence[SignatureLine] | int:
        """Lines that cosign the checkpoint, not yet checked; or the size it stands at instead.

        Raises:
            WitnessAway: no answer came in time, or none that can be used.
            WitnessRefused: it will not cosign this, or sends us elsewhere.
        """
        try:
            reply = await self._post(asked.encode())
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise WitnessAway(self._key.name, self._problem(error)) from error
        try:
            if reply.status == _OK:
                return parse_cosignature_lines(reply.body)
            if reply.status == _CONFLICT and reply.content_type == SIZE_TYPE:
                return parse_size(reply.body)
        except InvalidInput as error:
            problem = f"status {reply.status}, and its answer is no such thing: {error}"
            raise WitnessAway(self._key.name, problem) from error
        raise self._refusal(reply)

    async def _post(self, body: bytes) -> _Reply:
        async with self._session.post(
            self._url,
            data=body,
            headers=_HEADERS,
            allow_redirects=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=self._timeout_s),
        ) as response:
            packing = response.headers.get("Content-Encoding", "").strip().lower()
            try:
                chunks = response.content.iter_chunked(_CHUNK)
                data = await bounded_body(chunks, packing, MAX_NOTE_BYTES)
            except (OversizeError, PackingError) as error:
                # What was not read must not be taken for the next answer.
                response.close()
                raise aiohttp.ClientPayloadError from error
            return _Reply(response.status, response.content_type, data)

    def _problem(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            return f"no whole answer within {self._timeout_s:g} s"
        if isinstance(error, aiohttp.ClientPayloadError):
            return "its answer is too large, badly packed or broke off"
        return f"no connection, or its answer is not HTTP ({type(error).__name__})"

    def _refusal(self, reply: _Reply) -> WitnessError:
        said = Redactor(()).clean(reply.body[:1_000].decode("utf-8", "replace"))
        problem = f"status {reply.status}" + (f": {said}" if said else "")
        later = reply.status in _LATER or reply.status >= 500  # noqa: PLR2004 - the server's faults
        return (WitnessAway if later else WitnessRefused)(self._key.name, problem)


def _prefix(text: str) -> URL:
    fix = "give its submission prefix, such as https://witness.example/argo"
    try:
        url = URL(text)
    except ValueError:
        raise InvalidInput("url", "it is not an address", fix) from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise InvalidInput("url", "it is not an HTTP address", fix)
    if url.user or url.password or url.query_string or url.fragment:
        # The text is not repeated: somebody may have put a secret there.
        raise InvalidInput("url", "it has credentials, a query or a fragment", fix)
    return url
