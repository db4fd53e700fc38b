"""One question to a language model over HTTP, with what it cost, however it ends."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from attrs import frozen

from argo_adapters.http.client import HttpClient
from argo_adapters.http.fields import Node
from argo_adapters.http.reply import Reply
from argo_adapters.llm.answer import MAX_BYTES, created
from argo_adapters.llm.dialect import Dialect, Prompt
from argo_adapters.llm.reply import charged, charged_when_late, complaint, cost, tokens
from argo_core.ports import Clock
from argo_core.resilience.budget import Amount
from argo_core.resilience.queue import Urgency

OK = 200

Reading = TypeVar("Reading")


@frozen
class Told:
    """What the model wrote at `created`, what it cost, and the answer it came in."""

    text: str
    created: datetime
    usd: Decimal
    tokens: int
    reply: Reply
    root: Node


class LanguageModel:
    """A vendor's model, asked for JSON of a given form. `timeout_s` is wall seconds for a call."""

    def __init__(
        self, client: HttpClient, clock: Clock, dialect: Dialect, timeout_s: float
    ) -> None:
        self._client = client
        self._clock = clock
        self._dialect = dialect
        self._timeout_s = timeout_s

    def most(self, prompt: Prompt) -> Amount:
        """The most that an answer can cost, to be set aside before it is asked for."""
        return self._dialect.most(prompt)

    async def ask(
        self,
        prompt: Prompt,
        read: Callable[[Told], Reading],
        urgency: Urgency = Urgency.REFRESH,
    ) -> Reading:
        """What `read` makes of the answer; what it cannot read is the call's failure.

        Raises:
            VendorError: there was no usable answer; `usd` says what the attempt cost all the same.
        """
        most = self._dialect.most(prompt)
        worst = most.usd
        async with self._client.call(urgency, timeout_s=self._timeout_s) as call:
            with charged_when_late(worst):
                body = self._dialect.body(prompt)
                reply = await call.post(self._dialect.path, body, max_bytes=MAX_BYTES)
            if reply.status != OK:
                said = complaint(reply)
                error = self._client.failure(reply, said.message)
                raise self._dialect.refined(error, reply, said)
            with charged(worst):
                root = reply.node()
                usd = cost(root, self._dialect.told, self._dialect.by_tokens, otherwise=worst)
            with charged(usd):
                # A failed run comes with status 200, so what became of it is read before all else.
                text = self._dialect.text(root)
                at = created(self._dialect.stamp(root), self._clock.now())
                used = tokens(root, self._dialect.tokens, most.tokens)
                return read(Told(text, at, usd, used, reply, root))
