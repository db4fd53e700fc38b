"""What the owner of an endpoint is written when we give up on it."""

from alpine_service.domain.delivery.endpoint import OffReason
from alpine_service.domain.letters.blocks import Button, Code, Paragraph
from alpine_service.domain.letters.letter import Letter, write

_WHY = {
    OffReason.GONE: "It answered 410 Gone, which says that it wants no more webhooks.",
    OffReason.WORN_OUT: "For five days every attempt to deliver to it failed.",
    OffReason.OWNER: "You turned it off.",
}


def turned_off(public_url: str, endpoint_id: str, reason: OffReason) -> Letter:
    """The mail; the endpoint's URL is left out, because it may carry a secret."""
    why = _WHY[reason]
    return write(
        "A webhook of yours was turned off",
        [
            Paragraph(why),
            Code("Webhook", endpoint_id),
            Paragraph(
                "Nothing is sent to it until you turn it on again. What was not delivered is kept,"
                " and you can have it sent again."
            ),
            Button("See your webhooks", f"{public_url}/account/webhooks"),
        ],
        [
            Paragraph(
                "You get this mail because the webhook belongs to your account at Alpine.",
                is_quiet=True,
            )
        ],
        preheader=why,
    )
