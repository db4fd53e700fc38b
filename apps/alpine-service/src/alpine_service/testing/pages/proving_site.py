"""A site of one page, which shows one signal and its verification, under the pages' real policy.

What it answers can be replaced, so that a test can be the server that lies.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Self

from aiohttp import web
from attrs import Factory, define, field

from alpine_service.domain.feed.entry import read_entry
from alpine_service.pages.policy import POLICY
from alpine_service.pages.rendering import Renderer
from alpine_service.testing.small_log import SmallLog

_SHOWN = ("symbol", "direction", "entry", "stop", "target")
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>One signal</title>
<link rel="icon" href="{{ static("icon.svg") }}" type="image/svg+xml">
<link rel="stylesheet" href="{{ static("site.css") }}">
<script type="module" src="{{ static("verify/panel.js") }}"></script>
</head>
<body>
<main class="main" id="main">
<h1>A signal</h1>
<dl class="facts" data-shown="{{ verify.index }}">
{% for name, value in shown.items() %}
<dt>{{ name }}</dt>
<dd data-member="{{ name }}">{{ value }}</dd>
{% endfor %}
</dl>
{% include "signal/verify_panel.html" %}
</main>
</body>
</html>
"""


@define
class ProvingSite:
    """What is answered; `statuses` replaces 200 for `entry` or `proof`."""

    renderer: Renderer = field(repr=False)
    entry: bytes
    proof: bytes
    index: int
    log_key: str
    witness_keys: Sequence[str]
    quorum: int = 1
    shown: Mapping[str, str] = Factory(dict)
    opening: Mapping[str, str] = Factory(dict)
    statuses: Mapping[str, int] = Factory(dict)
    url: str = ""

    @classmethod
    def of(cls, renderer: Renderer, log: SmallLog, index: int) -> Self:
        """An honest one about an entry of a log."""
        members = read_entry(index, log.entries[index]).members
        return cls(
            renderer,
            entry=log.entries[index],
            proof=log.proof_file(index),
            index=index,
            log_key=str(log.key),
            witness_keys=[each.key for each in log.cosigners],
            shown={name: str(members[name]) for name in _SHOWN if name in members},
        )

    @property
    def modules(self) -> str:
        """Where the modules of the verification are."""
        return f"/static/{self.renderer.static.digest}/verify"

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Self]:
        """Serve it on loopback at `url` for the block."""
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/static/{digest}/{name:.+}", self._file)
        app.router.add_get("/v1/signals/{index}/{what}", self._evidence)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            self.url = f"http://{host}:{port}"
            yield self
        finally:
            await runner.cleanup()

    async def _page(self, _request: web.Request) -> web.Response:
        verify = {
            "index": self.index,
            "entry_url": f"/v1/signals/{self.index}/entry",
            "proof_url": f"/v1/signals/{self.index}/proof",
            "log_key": self.log_key,
            "witness_keys": self.witness_keys,
            "quorum": self.quorum,
            "commands": [
                f"curl -O {self.url}/v1/signals/{self.index}/entry",
                f"curl -o {self.index}.tlog-proof {self.url}/v1/signals/{self.index}/proof",
                f"alpine verify entry {self.index}.tlog-proof --log-key {self.log_key}"
                + "".join(f" --witness-key {key}" for key in self.witness_keys),
            ],
            "nonce": "",
            **self.opening,
        }
        text = self.renderer.environment.from_string(_PAGE).render(verify=verify, shown=self.shown)
        headers = {"Content-Security-Policy": POLICY}
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def _file(self, request: web.Request) -> web.Response:
        return self.renderer.static.answer(request)

    async def _evidence(self, request: web.Request) -> web.Response:
        what = request.match_info["what"]
        body = {"entry": self.entry, "proof": self.proof}[what]
        return web.Response(status=self.statuses.get(what, 200), body=body)
