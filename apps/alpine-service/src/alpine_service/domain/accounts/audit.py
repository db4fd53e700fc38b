"""What was done by whom to what: the entry of an audit trail that is only ever added to."""

from collections.abc import Mapping
from datetime import datetime

from attrs import Factory, frozen


@frozen
class AuditEntry:
    """One deed.

    `actor` is the id of a user, or a word such as `operator` (the command) or `alpine` (itself).
    `deed` is a dotted name such as `session.opened`, `subject` the id of what it was done to.
    `details` never hold secrets; `address` is the client's.
    """

    at: datetime
    actor: str
    deed: str
    subject: str
    details: Mapping[str, str] = Factory(dict)
    address: str | None = None
