"""How often anybody may try, so that guessing is hopeless and nobody is locked out for ever.

Every try is counted before it is looked at, by GCRA (ITU-T I.371): a bucket gives `count` tries at
once and one more every `period / count`. Several buckets of growing length over the same tries make
the wait grow: a few at once, then minutes apart, then half an hour.

The rule against locking somebody out: a network from which somebody signed in before has buckets
of its own for that account, which strangers elsewhere cannot empty. Whoever is at a new place while
strangers guess waits at most `period / count` of the longest bucket, or resets the password by
mail: a reset empties the account's buckets and makes the network known. Mails for a reset may be
asked for more often than one of them expires, so that even if strangers ask for all of them there
is one in the inbox that works.
"""

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from attrs import field, frozen


class Deed(StrEnum):
    """What is counted."""

    LOGIN = "sign-ins"
    CODE = "codes"
    REGISTER = "registrations"
    RESET = "resets"
    MAIL = "mails"
    TOKEN = "tokens"  # noqa: S105 - it names what is counted
    EXPORT = "exports"
    PASSWORD = "passwords"  # noqa: S105 - it names what is counted


@frozen
class Allowance:
    """`count` tries at once, and `count` in any `period` from then on."""

    count: int
    period: timedelta

    @property
    def interval(self) -> timedelta:
        return self.period / self.count


def _allow(count: int, **period: int) -> Allowance:
    return Allowance(count, timedelta(**period))


# By the network that asks: many people may sit behind one address.
BY_NETWORK: dict[Deed, tuple[Allowance, ...]] = {
    Deed.LOGIN: (_allow(30, minutes=5), _allow(200, hours=6)),
    Deed.CODE: (_allow(30, minutes=5),),
    Deed.REGISTER: (_allow(5, minutes=10), _allow(30, days=1)),
    Deed.RESET: (_allow(10, minutes=10), _allow(50, days=1)),
    Deed.MAIL: (_allow(10, minutes=10),),
    Deed.TOKEN: (_allow(30, minutes=10),),
    Deed.EXPORT: (),
    Deed.PASSWORD: (_allow(30, minutes=5),),
}
# By the account, or the address that claims to be one: those who do not exist are counted alike.
BY_ACCOUNT: dict[Deed, tuple[Allowance, ...]] = {
    Deed.LOGIN: (_allow(5, minutes=1), _allow(20, hours=1), _allow(50, days=1)),
    # Of a million codes three are right at a time; thirty tries a day find one in thirty years.
    Deed.CODE: (_allow(10, minutes=10), _allow(30, days=1)),
    Deed.REGISTER: (_allow(3, hours=1),),
    # Every 20 minutes at the least, and a link lives for 30.
    Deed.RESET: (_allow(3, hours=1),),
    Deed.MAIL: (_allow(3, hours=1),),
    Deed.TOKEN: (),
    Deed.EXPORT: (_allow(5, hours=1),),
    Deed.PASSWORD: (_allow(5, minutes=1), _allow(20, hours=1)),
}


@frozen
class Bucket:
    """One row to count in; the key is a hash, because addresses are personal."""

    key: bytes = field(repr=False)
    allowance: Allowance


@frozen
class Taken:
    """The arrival time to store if a try is allowed, or None and how long to wait."""

    tat: datetime | None
    wait: timedelta = timedelta()


def take(tat: datetime | None, now: datetime, allowance: Allowance) -> Taken:
    """One try from a bucket whose stored arrival time is `tat`; None is a full bucket.

    The database does the same in one statement, and a test compares the two.
    """
    moved = max(tat or now, now) + allowance.interval
    too_early = moved - (now + allowance.period)
    return Taken(moved) if too_early <= timedelta() else Taken(None, too_early)


def network_of(address: str) -> str:
    """What one customer of a network has: an IPv4 address, or the first 64 bits of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        # A socket without an address; all such share one bucket.
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)


def network_digest(address: str) -> bytes:
    return _key("network", network_of(address))


def network_buckets(deed: Deed, address: str) -> Sequence[Bucket]:
    """Those of whoever asks from that address."""
    return _buckets(BY_NETWORK[deed], deed, "network", network_of(address))


def account_buckets(deed: Deed, account: str, known_address: str | None = None) -> Sequence[Bucket]:
    """Those of the account: of a network it is known from, or else those that all others share."""
    where = "strangers" if known_address is None else network_of(known_address)
    return _buckets(BY_ACCOUNT[deed], deed, "account", account, where)


def _buckets(allowances: Sequence[Allowance], *parts: str) -> Sequence[Bucket]:
    return [
        Bucket(_key(*parts, str(allowance.period.total_seconds())), allowance)
        for allowance in allowances
    ]


def _key(*parts: str) -> bytes:
    # Lengths keep ("ab", "c") from ("a", "bc").
    plain = "".join(f"{len(part)}:{part}" for part in parts)
    return sha256(plain.encode("utf-8", "surrogatepass")).digest()
