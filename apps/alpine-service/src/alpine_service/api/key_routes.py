"""The routes of the own API keys.

A session manages them: a key that was stolen cannot make others. None of these takes an
Idempotency-Key, because the answer that would be kept has a key in it.
"""

from attrs import evolve

from alpine_service.api import api_keys
from alpine_service.api.key_bodies import KeyList, KeyMade, MakingKey, RotatingKey
from alpine_service.api.route import SIGNED_IN, Parameter, Route

_TAG = "API keys"
_PATH = "/v1/account/keys"
_ID = Parameter(
    "id",
    "The key's id.",
    {"type": "string", "minLength": 1, "maxLength": 64},
    where="path",
    is_needed=True,
)
# The path names a thing that must be the asker's own.
_OWNED = evolve(SIGNED_IN, owned=True)

ROUTES = (
    Route("GET", _PATH, api_keys.keys, "The own API keys", _TAG, SIGNED_IN, KeyList),
    Route(
        "POST",
        _PATH,
        api_keys.make,
        "Make an API key",
        _TAG,
        SIGNED_IN,
        KeyMade,
        takes=MakingKey,
        status=201,
        refusals=(400, 409),
        meaning="The key itself is in this answer and nowhere else.",
    ),
    Route(
        "POST",
        f"{_PATH}/{{id}}/rotate",
        api_keys.rotate,
        "Replace an API key",
        _TAG,
        _OWNED,
        KeyMade,
        takes=RotatingKey,
        status=201,
        parameters=(_ID,),
        refusals=(400, 404, 409),
        meaning="The new key has the name and scopes of the old one, which works until `old_until`;"
        " without it, it ends at once.",
    ),
    Route(
        "DELETE",
        f"{_PATH}/{{id}}",
        api_keys.revoke,
        "Revoke an API key",
        _TAG,
        _OWNED,
        None,
        status=204,
        parameters=(_ID,),
        refusals=(404,),
        meaning="It opens nothing any more, everywhere within a second.",
    ),
)
