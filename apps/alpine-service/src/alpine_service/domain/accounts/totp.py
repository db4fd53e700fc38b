"""Codes of a second factor: TOTP of RFC 6238 with SHA-1, six digits and steps of 30 seconds.

Those parameters are what every authenticator app knows; some ignore any others.
"""

import base64
from datetime import datetime

import pyotp

SECRET_BYTES = 20
STEP_S = 30
DIGITS = 6
# A step to either side, for clocks that differ and for people who type (RFC 6238, 5.2).
_DRIFT = 1


def step_at(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_S


def matching_step(secret: bytes, code: str, now: datetime, after: int) -> int | None:
    """The time step whose code this is, if it is later than `after`; None if there is none.

    Whoever accepts it must remember the step, so that a code that was overheard is worth nothing.
    """
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    generator = pyotp.HOTP(_base32(secret), digits=DIGITS)
    current = step_at(now)
    found = None
    # All are computed, so that the time taken does not say which one it was.
    for step in range(current - _DRIFT, current + _DRIFT + 1):
        if pyotp.utils.strings_equal(generator.at(step), code) and step > after and found is None:
            found = step
    return found


def shown_secret(secret: bytes) -> str:
    """As one types it into an app."""
    return _base32(secret)


def enrolment_uri(secret: bytes, email: str) -> str:
    """What the picture that apps scan says; as secret as the secret."""
    return pyotp.TOTP(_base32(secret)).provisioning_uri(name=email, issuer_name="Alpine")


def _base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode()
