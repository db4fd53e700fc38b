"""What the owner of an endpoint is written when we give up on it."""

from alpine_service.domain.delivery.endpoint import OffReason

_WHY = {
    OffReason.GONE: "It answered 410 Gone, which says that it wants no more webhooks.",
    OffReason.WORN_OUT: "For five days every attempt to deliver to it failed.",
    OffReason.OWNER: "You turned it off.",
}
TURNED_OFF_SUBJECT = "A webhook of yours was turned off"


def turned_off(public_url: str, endpoint_id: str, reason: OffReason) -> str:
    """The text of the mail; the URL is left out, because it may carry a secret."""
    return (
        f"Your webhook {endpoint_id} at Alpine was turned off.\n\n"
        f"{_WHY[reason]}\n\n"
        "Nothing is sent to it until you turn it on again. What was not delivered is kept, and\n"
        f"you can have it sent again: see {public_url}/v1/webhooks/{endpoint_id}.\n"
    )
