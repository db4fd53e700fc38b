import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.abc import AbstractResolver, ResolveResult
from standardwebhooks import Webhook

from alpine_service.adapters.system_clock import SystemClock
from alpine_service.adapters.webhooks.guard import AddressRefused, guarded_sockets
from alpine_service.adapters.webhooks.sender import Bounds, HttpSender, open_sender
from alpine_service.domain.delivery.answer import Answer, Verdict
from alpine_service.domain.delivery.signature import headers_of, write_secret
from alpine_service.domain.delivery.target import PUBLIC_ONLY, TargetRules
from alpine_service.ports.webhooks import Post
from alpine_service.testing.certificate import server_context
from alpine_service.testing.receiver import Receiver, Reply, Trouble, open_receiver

OWN_NETWORK = TargetRules(own_network=True)
CLOCK = SystemClock()
# Short, because some receivers here use all of it.
BOUNDS = Bounds(total_s=0.6, connect_s=0.4, answer_s=0.2)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with open_receiver() as opened:
        yield opened


@pytest_asyncio.fixture
async def sender() -> AsyncIterator[HttpSender]:
    async with open_sender(CLOCK, OWN_NETWORK, bounds=BOUNDS) as opened:
        yield opened


@pytest_asyncio.fixture
async def guarded() -> AsyncIterator[HttpSender]:
    async with open_sender(CLOCK, PUBLIC_ONLY, bounds=BOUNDS) as opened:
        yield opened


def post(url: str, body: bytes = b"{}") -> Post:
    return Post(url, {"webhook-id": "msg_1"}, body)


class Liar(AbstractResolver):
    """Answers with one address after another, whatever it is asked."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=each,
                port=port,
                family=socket.AF_INET6 if ":" in each else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for each in addresses
        ]

    async def close(self) -> None:
        return None


async def test_what_arrives_is_verified_by_an_independent_library(
    sender: HttpSender, receiver: Receiver
) -> None:
    body = b'{"type":"signal.published","data":{"a":"\xc3\xa4"}}'
    headers = headers_of("msg_1", int(CLOCK.now().timestamp()), body, [b"s" * 32])

    answer = await sender.send(Post(receiver.url("/hook?key=a%2Fb"), headers, body))

    (came,) = receiver.received
    assert (answer.status, answer.verdict) == (204, Verdict.SUCCEEDED)
    assert (came.method, came.target, came.body) == ("POST", "/hook?key=a%2Fb", body)
    assert came.headers["content-type"] == "application/json"
    Webhook(write_secret(b"s" * 32)).verify(came.body, dict(came.headers))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_failures_and_are_not_followed(
    sender: HttpSender, receiver: Receiver, status: int
) -> None:
    receiver.script = lambda _: Reply(status, {"location": receiver.url("/other")})

    answer = await sender.send(post(receiver.url()))

    assert (answer.status, answer.verdict) == (status, Verdict.FAILED)
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("trouble", "problem"),
    [
        (Trouble.HANG, "timeout"),
        (Trouble.SLOW_HEAD, "timeout"),
        (Trouble.CLOSE, "closed early"),
        (Trouble.GARBAGE, "malformed answer"),
    ],
)
async def test_no_answer_in_time_or_in_form_is_a_failure(
    sender: HttpSender, receiver: Receiver, trouble: Trouble, problem: str
) -> None:
    receiver.script = lambda _: trouble

    answer = await sender.send(post(receiver.url()))

    assert (answer.status, answer.problem, answer.verdict) == (None, problem, Verdict.FAILED)
    assert answer.took_s < 2.0


@pytest.mark.parametrize("trouble", [Trouble.SLOW_BODY, Trouble.ENDLESS, Trouble.TRUNCATED])
async def test_a_status_counts_however_its_body_comes(
    sender: HttpSender, receiver: Receiver, trouble: Trouble
) -> None:
    receiver.script = lambda _: trouble

    answer = await sender.send(post(receiver.url()))

    assert (answer.status, answer.verdict) == (200, Verdict.SUCCEEDED)
    assert len(answer.excerpt) <= 500


async def test_of_ten_gigabytes_next_to_nothing_is_read(
    sender: HttpSender, receiver: Receiver
) -> None:
    receiver.script = lambda _: Trouble.ENDLESS

    await sender.send(post(receiver.url()))

    # What is in the buffers of both ends of the connection, which the system makes.
    assert receiver.sent < 20_000_000


async def test_after_an_unread_answer_the_connection_is_not_used_again(
    sender: HttpSender, receiver: Receiver
) -> None:
    receiver.script = lambda _: Reply(200, body=b"x" * 10_000)

    for _ in range(2):
        answer = await sender.send(post(receiver.url()))
        assert answer.excerpt == "x" * 500

    assert receiver.connections == 2


async def test_after_a_short_answer_it_is(sender: HttpSender, receiver: Receiver) -> None:
    for _ in range(3):
        await sender.send(post(receiver.url()))

    assert receiver.connections == 1


async def test_a_wish_to_wait_is_passed_on(sender: HttpSender, receiver: Receiver) -> None:
    receiver.script = lambda _: Reply(429, {"retry-after": "120"}, b"slow\ndown")

    answer = await sender.send(post(receiver.url()))

    assert (answer.status, answer.retry_after_s, answer.excerpt) == (429, 120.0, "slow down")


async def test_cookies_are_not_carried_back(sender: HttpSender, receiver: Receiver) -> None:
    receiver.script = lambda _: Reply(200, {"set-cookie": "track=1"})

    await sender.send(post(receiver.url()))
    await sender.send(post(receiver.url()))

    assert "cookie" not in receiver.received[1].headers


async def test_a_compressed_bomb_is_not_unpacked(sender: HttpSender, receiver: Receiver) -> None:
    receiver.script = lambda _: Reply(200, {"content-encoding": "gzip"}, b"not gzip at all")

    answer = await sender.send(post(receiver.url()))

    assert (answer.status, answer.excerpt) == (200, "not gzip at all")


async def test_proxies_of_the_environment_are_not_asked(
    sender: HttpSender, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert (await sender.send(post(receiver.url()))).status == 204


async def test_nobody_listening_is_a_failure(sender: HttpSender, receiver: Receiver) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        answer = await sender.send(post(f"http://127.0.0.1:{taken.getsockname()[1]}/"))

    assert answer.problem == "no connection"


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    sender: HttpSender, tmp_path: Path
) -> None:
    tls = await asyncio.to_thread(server_context, tmp_path, "localhost")
    async with open_receiver(tls=tls) as secure:
        answer = await sender.send(post(secure.url(host="localhost")))

        assert (answer.problem, secure.received) == ("certificate refused", [])


async def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    tls = await asyncio.to_thread(server_context, tmp_path, "other.example")
    trusting = ssl.create_default_context(cafile=tmp_path / "other.example.pem")
    async with (
        open_receiver(tls=tls) as secure,
        open_sender(CLOCK, OWN_NETWORK, bounds=BOUNDS, tls=trusting) as sender,
    ):
        answer = await sender.send(post(secure.url(host="localhost")))

        assert (answer.problem, secure.received) == ("certificate refused", [])


async def test_a_receiver_without_tls_gets_nothing_by_https(
    sender: HttpSender, receiver: Receiver
) -> None:
    answer = await sender.send(post(receiver.url().replace("http:", "https:")))

    assert answer.status is None
    assert receiver.received == []


LOOPBACK_SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0",
    "0.0.0.0",  # noqa: S104 - to connect to
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[::127.0.0.1]",
]


@pytest.mark.parametrize("host", LOOPBACK_SPELLINGS)
async def test_no_spelling_of_loopback_is_connected_to(
    guarded: HttpSender, receiver: Receiver, host: str
) -> None:
    answer = await guarded.send(post(receiver.url(host=host)))

    assert answer.status is None
    assert receiver.connections == 0


# The client library refuses the others already.
@pytest.mark.parametrize("host", ["127.0.0.1", "0x7f.1", "0x7f.0.0.1", "localhost", "LOCALHOST"])
async def test_those_spellings_would_have_arrived_without_the_guard(
    sender: HttpSender, receiver: Receiver, host: str
) -> None:
    assert (await sender.send(post(receiver.url(host=host)))).status == 204


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.1", "64:ff9b::7f00:1"],
)
async def test_a_name_that_means_an_inner_address_is_not_connected_to(
    receiver: Receiver, address: str
) -> None:
    async with open_sender(CLOCK, bounds=BOUNDS, names=Liar([address])) as sender:
        answer = await sender.send(post(receiver.url(host="hook.example.com")))

    assert (answer.problem, receiver.connections) == ("address refused", 0)


async def test_of_several_addresses_no_inner_one_is_tried(receiver: Receiver) -> None:
    names = Liar(["127.0.0.1", "::1", "127.0.0.2"])
    async with open_sender(CLOCK, bounds=BOUNDS, names=names) as sender:
        answer = await sender.send(post(receiver.url(host="hook.example.com")))

    assert (answer.problem, receiver.connections) == ("address refused", 0)


async def test_a_name_that_changes_its_mind_is_looked_at_each_time(receiver: Receiver) -> None:
    class HereOnly(TargetRules):
        """Takes 127.0.0.2 for the public internet."""

        def admits(self, address: str) -> bool:
            return address == "127.0.0.2"

    receiver_2 = open_receiver(lambda _: Trouble.CLOSE, host="127.0.0.2")
    async with receiver_2 as public:
        names = Liar(["127.0.0.2"], ["127.0.0.1"])
        async with open_sender(CLOCK, HereOnly(), bounds=BOUNDS, names=names) as sender:
            first = await sender.send(post(public.url(host="hook.example.com")))
            # Long enough for the connector to have forgotten the name would be ten seconds; another
            # port is another question.
            second = await sender.send(post(receiver.url(host="hook.example.com")))

    assert (first.problem, public.connections) == ("closed early", 1)
    assert (second.problem, receiver.connections) == ("address refused", 0)


async def test_an_ipv6_address_with_a_zone_is_refused() -> None:
    async with open_sender(CLOCK, OWN_NETWORK, bounds=BOUNDS) as sender:
        answer = await sender.send(post("http://[fe80::1%25lo]:8099/"))

    assert answer.status is None


async def test_a_name_that_does_not_exist_is_a_failure(sender: HttpSender) -> None:
    answer = await sender.send(post("http://nobody.invalid/"))

    assert answer.problem == "no such host"


async def test_many_at_once_are_sent_side_by_side(sender: HttpSender, receiver: Receiver) -> None:
    answers = await asyncio.gather(*(sender.send(post(receiver.url())) for _ in range(50)))

    assert {each.status for each in answers} == {204}
    assert [type(each) for each in answers] == [Answer] * 50


def test_a_zone_beside_an_address_is_refused_too() -> None:
    make = guarded_sockets(OWN_NETWORK)

    with pytest.raises(AddressRefused):
        make((socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 8099, 0, 3)))
