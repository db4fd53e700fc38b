"""What is asked and answered about the daily mail."""

from attrs import frozen

from alpine_service.domain.delivery.digest import DEFAULT_HOUR, DEFAULT_ZONE


@frozen
class DigestBody:
    """Whether a mail comes each day, and at which hour of which time zone."""

    is_on: bool
    hour: int = DEFAULT_HOUR
    zone: str = DEFAULT_ZONE
