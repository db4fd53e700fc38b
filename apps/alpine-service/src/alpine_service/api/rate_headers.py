"""RateLimit and RateLimit-Policy: what is left, after draft-ietf-httpapi-ratelimit-headers-11.

Both are lists of structured fields (RFC 9651): the name of a policy as a string, with `q` for the
quota and `w` for its window in seconds; `r` for what is left, and `t` for the seconds until more.
"""

import math

from alpine_service.api.address_limit import Allowed
from alpine_service.api.platform import Spent
from alpine_service.domain.plans.entitlement import Entitlement

MINUTE_S = 60
DAY_S = 86_400

Headers = dict[str, str]


def of_address(left: Allowed) -> Headers:
    """For a stranger; with `Retry-After`'s companion when nothing is left."""
    return {
        "RateLimit-Policy": f'"address";q={left.limit};w={MINUTE_S}',
        "RateLimit": f'"address";r={left.remaining};t={math.ceil(left.wait_s or left.reset_s)}',
    }


def of_quota(spent: Spent | None, entitlement: Entitlement, wait_s: float = 0.0) -> Headers:
    """For an account: `spent` is of the policy that ends first, None when it has ended."""
    policy = (
        f'"minute";q={entitlement.per_minute};w={MINUTE_S}, "day";q={entitlement.per_day};w={DAY_S}'
    )
    if spent is None:
        name = "minute" if wait_s <= MINUTE_S else "day"
        return {"RateLimit-Policy": policy, "RateLimit": f'"{name}";r=0;t={math.ceil(wait_s)}'}
    name = "minute" if spent.limit == entitlement.per_minute else "day"
    return {
        "RateLimit-Policy": policy,
        "RateLimit": f'"{name}";r={max(0, spent.remaining)};t={math.ceil(spent.reset_s)}',
    }
