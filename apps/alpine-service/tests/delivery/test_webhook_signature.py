from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from alpine_service.adapters.system_clock import SystemClock
from alpine_service.domain.delivery.signature import headers_of, write_secret

SECRETS = st.binary(min_size=24, max_size=64)


def now_s() -> int:
    # The independent library looks at the machine's clock itself.
    return int(SystemClock().now().timestamp())


@given(secret=SECRETS, data=st.text(max_size=50))
def test_an_independent_library_verifies_what_we_sign(secret: bytes, data: str) -> None:
    body = data.encode()
    headers = headers_of("msg_1", now_s(), body, [secret])

    Webhook(write_secret(secret)).verify(body, dict(headers), json_parse=False)


@given(old=SECRETS, new=SECRETS)
def test_during_a_rotation_both_secrets_verify(old: bytes, new: bytes) -> None:
    headers = dict(headers_of("msg_1", now_s(), b"{}", [new, old]))

    Webhook(write_secret(old)).verify(b"{}", headers)
    Webhook(write_secret(new)).verify(b"{}", headers)


@given(bit=st.integers(0, 8 * len(b'{"a":1}') - 1))
def test_no_bit_of_the_body_can_be_turned(bit: int) -> None:
    secret, body = b"s" * 32, bytearray(b'{"a":1}')
    headers = dict(headers_of("msg_1", now_s(), bytes(body), [secret]))
    body[bit // 8] ^= 1 << bit % 8

    with pytest.raises((WebhookVerificationError, UnicodeDecodeError)):
        Webhook(write_secret(secret)).verify(bytes(body), headers, json_parse=False)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_id_and_time_are_signed(name: str) -> None:
    headers = dict(headers_of("msg_1", now_s(), b"{}", [b"s" * 32]))
    headers[name] = {"webhook-id": "msg_2", "webhook-timestamp": str(now_s() - 1)}[name]

    with pytest.raises(WebhookVerificationError):
        Webhook(write_secret(b"s" * 32)).verify(b"{}", headers)


def test_our_signature_is_the_one_that_the_library_makes() -> None:
    secret, at = b"s" * 32, datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    headers = headers_of("msg_1", int(at.timestamp()), b'{"a":1}', [secret])

    signature = Webhook(write_secret(secret)).sign("msg_1", at, '{"a":1}')
    assert headers["webhook-signature"] == signature
    assert timedelta(seconds=int(headers["webhook-timestamp"])) == at - datetime(
        1970, 1, 1, tzinfo=UTC
    )


@pytest.mark.parametrize("length", [0, 23, 65])
def test_a_secret_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="24 to 64"):
        write_secret(b"s" * length)
