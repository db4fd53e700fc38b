"""Who is asking: what a request's session or key stands for."""

from enum import StrEnum

from attrs import frozen

from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.entitlement import Entitlement


class Means(StrEnum):
    """How somebody showed who they are."""

    SESSION = "session"
    KEY = "key"


@frozen
class Principal:
    """Somebody known. `means_id` is the id, never the secret, of the session or key.

    `scopes` is all of them for a session. `is_verified` says whether the e-mail address was shown
    to be theirs, `second_factor` whether this session was opened with one.
    """

    user_id: str
    role: Role
    means: Means
    means_id: str
    scopes: frozenset[Scope]
    entitlement: Entitlement
    is_verified: bool
    second_factor: bool = False
