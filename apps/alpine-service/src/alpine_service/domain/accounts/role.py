"""What somebody is to Alpine."""

from enum import StrEnum


class Role(StrEnum):
    """Each may do what those before it may, and more."""

    SUBSCRIBER = "subscriber"
    SUPPORT = "support"
    ADMIN = "admin"

    def includes(self, other: "Role") -> bool:
        """Whether this role may do what the other may."""
        order = list(Role)
        return order.index(self) >= order.index(other)
