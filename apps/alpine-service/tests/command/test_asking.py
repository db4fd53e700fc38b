"""Asking another Alpine for a proof, and a mail server whether it would take mails."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from alpine_service.adapters.mail.smtp import SmtpServer
from alpine_service.adapters.mail.smtp_greeting import greet
from alpine_service.adapters.proof_http import fetch_signal
from alpine_service.domain.feed.canonical import LARGEST_ENTRY
from alpine_service.errors import AlpineError, FeedAway, MailAway, MailRefused, Malformed, NotThere


@pytest_asyncio.fixture
async def url() -> AsyncIterator[str]:
    """A server that answers with the status in the path, or too much."""

    async def answer(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name == "much":
            return web.Response(body=bytes(LARGEST_ENTRY + 1))
        return web.Response(status=int(name), text=request.path)

    app = web.Application()
    app.router.add_get("/v1/signals/{name}/{what}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_entry_and_proof_are_asked_for(url: str) -> None:
    entry, proof = await fetch_signal(f"{url}/", "200")

    assert (entry, proof) == (b"/v1/signals/200/entry", b"/v1/signals/200/proof")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("404", NotThere), ("503", FeedAway), ("302", Malformed), ("much", Malformed)],
)
async def test_other_answers_are_errors_of_ours(
    url: str, name: str, kind: type[AlpineError]
) -> None:
    with pytest.raises(kind):
        await fetch_signal(url, name)


@pytest.mark.parametrize("place", ["no address", "http://"])
async def test_what_is_no_address_is_said(place: str) -> None:
    with pytest.raises(Malformed, match="it is no address"):
        await fetch_signal(place, "1")


@pytest.fixture
def port() -> Iterator[int]:
    """A mail server that asks for no user."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        number = chosen.getsockname()[1]
    server = Controller(Sink(), hostname="127.0.0.1", port=number)
    server.start()
    yield int(number)
    server.stop()


async def test_a_mail_server_greets_us(port: int) -> None:
    await greet(SmtpServer("smtp", "127.0.0.1", port))


async def test_a_mail_server_that_is_not_what_was_set_is_away_or_refuses(port: int) -> None:
    with pytest.raises((MailAway, MailRefused)):
        await greet(SmtpServer("smtp", "127.0.0.1", port, "ann", "secret"))
    with pytest.raises((MailAway, MailRefused)):
        await greet(SmtpServer("smtp+starttls", "127.0.0.1", port))
    with pytest.raises(MailAway, match="ConnectError"):
        await greet(SmtpServer("smtp", "127.0.0.1", 1))


async def test_a_mail_server_that_says_no_refuses() -> None:
    async def say_no(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 not for you\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(say_no, "127.0.0.1", 0)
    async with server:
        number = server.sockets[0].getsockname()[1]
        with pytest.raises(MailRefused, match="answered 554"):
            await greet(SmtpServer("smtp", "127.0.0.1", number))
