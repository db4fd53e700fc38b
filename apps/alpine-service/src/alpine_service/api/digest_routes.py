"""The routes of the daily mail."""

from alpine_service.api import digests
from alpine_service.api.digest_bodies import DigestBody
from alpine_service.api.route import ANYBODY, SIGNED_IN, Parameter, Route

_TAG = "Daily mail"
_PATH = "/v1/account/digest"
_UNSUBSCRIBE = "/v1/digest/unsubscribe"
_TOKEN = Parameter(
    "token",
    "What the link in the mail has.",
    {"type": "string", "minLength": 1, "maxLength": 255},
    is_needed=True,
)

ROUTES = (
    Route("GET", _PATH, digests.wish, "Whether a daily mail comes", _TAG, SIGNED_IN, DigestBody),
    Route(
        "PUT",
        _PATH,
        digests.keep,
        "Have a daily mail, or none",
        _TAG,
        SIGNED_IN,
        DigestBody,
        takes=DigestBody,
        refusals=(400,),
        meaning="It tells what happened since the one before, as the plan may see it, and does not"
        " come when nothing did.",
    ),
    Route(
        "GET",
        _UNSUBSCRIBE,
        digests.ask,
        "A page that asks whether to unsubscribe",
        _TAG,
        ANYBODY,
        digests.PAGE,
        parameters=(_TOKEN,),
        refusals=(400,),
    ),
    Route(
        "POST",
        _UNSUBSCRIBE,
        digests.unsubscribe,
        "Unsubscribe by the link in a mail",
        _TAG,
        ANYBODY,
        None,
        status=204,
        parameters=(_TOKEN,),
        refusals=(400, 404),
        meaning="With one click, as RFC 8058 has it.",
    ),
)
