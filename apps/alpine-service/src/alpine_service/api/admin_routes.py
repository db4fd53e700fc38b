"""The routes of staff, for sessions with a second factor: support helps, admins decide."""

from alpine_service.api import admin_bodies as bodies
from alpine_service.api import administration as admin
from alpine_service.api.key_bodies import KeyList
from alpine_service.api.route import ADMIN, SUPPORT, Parameter, Route
from alpine_service.domain.accounts.role import Role

_TAG = "Staff"
_PEOPLE = "/v1/admin/users"
_ONE = f"{_PEOPLE}/{{id}}"
_REFUSED = "/v1/admin/quarantine"
_NAME = {"type": "string", "minLength": 1, "maxLength": 64}


def _path(name: str, meaning: str) -> Parameter:
    return Parameter(name, meaning, _NAME, where="path", is_needed=True)


_USER = _path("id", "The account's id.")
_REFUSAL = _path("id", "The refusal's number.")
_LIMIT = Parameter(
    "limit",
    "How many at most.",
    {
        "type": "integer",
        "minimum": 1,
        "maximum": admin.LARGEST_PAGE,
        "default": admin.DEFAULT_PAGE,
    },
)


def _word(name: str, meaning: str) -> Parameter:
    return Parameter(name, meaning, {"type": "string", "minLength": 1, "maxLength": 255})


ROUTES = (
    Route(
        "GET",
        _PEOPLE,
        admin.people,
        "Accounts, the newest first",
        _TAG,
        SUPPORT,
        bodies.PeoplePage,
        parameters=(
            Parameter(
                "role",
                "Only of this role.",
                {"type": "string", "enum": [each.value for each in Role]},
            ),
            _LIMIT,
            _word("cursor", "`next` of the page before."),
        ),
        refusals=(400,),
    ),
    Route(
        "POST",
        f"{_PEOPLE}/search",
        admin.search,
        "Search accounts",
        _TAG,
        SUPPORT,
        bodies.PeoplePage,
        takes=bodies.Searching,
        refusals=(400,),
    ),
    Route(
        "GET",
        _ONE,
        admin.person,
        "One account",
        _TAG,
        SUPPORT,
        bodies.PersonBody,
        parameters=(_USER,),
        refusals=(404,),
    ),
    Route(
        "PUT",
        f"{_ONE}/role",
        admin.change_role,
        "Change a role",
        _TAG,
        ADMIN,
        None,
        takes=bodies.ChangingRole,
        status=204,
        parameters=(_USER,),
        refusals=(400, 404),
        meaning="Not the own one, so there is always an admin left. The account's sessions end.",
    ),
    Route(
        "POST",
        f"{_ONE}/suspend",
        admin.suspend,
        "Close an account",
        _TAG,
        SUPPORT,
        None,
        status=204,
        parameters=(_USER,),
        refusals=(404,),
        meaning="Its sessions end and its keys open nothing. Only an admin does it to staff.",
    ),
    Route(
        "POST",
        f"{_ONE}/restore",
        admin.restore,
        "Open a closed account again",
        _TAG,
        SUPPORT,
        None,
        status=204,
        parameters=(_USER,),
        refusals=(404,),
    ),
    Route(
        "DELETE",
        f"{_ONE}/sessions",
        admin.end_sessions,
        "End all sessions of an account",
        _TAG,
        SUPPORT,
        bodies.Ended,
        parameters=(_USER,),
        refusals=(404,),
    ),
    Route(
        "GET",
        f"{_ONE}/keys",
        admin.keys,
        "An account's API keys",
        _TAG,
        SUPPORT,
        KeyList,
        parameters=(_USER,),
    ),
    Route(
        "DELETE",
        f"{_ONE}/keys/{{key}}",
        admin.revoke_key,
        "Revoke an account's API key",
        _TAG,
        SUPPORT,
        None,
        status=204,
        parameters=(_USER, _path("key", "The key's id.")),
        refusals=(404,),
    ),
    Route(
        "GET",
        f"{_ONE}/billing",
        admin.billing,
        "What was told of an account's payments",
        _TAG,
        SUPPORT,
        bodies.BillingList,
        parameters=(_USER,),
    ),
    Route(
        "POST",
        f"{_ONE}/billing",
        admin.record_payment,
        "Record a payment, a grant, a failure or a refund",
        _TAG,
        ADMIN,
        bodies.BilledBody,
        takes=bodies.RecordingPayment,
        parameters=(_USER,),
        refusals=(400, 404, 409),
        meaning="The same reference counts once: told again it changes nothing.",
    ),
    Route(
        "POST",
        f"{_ONE}/cancel",
        admin.cancel,
        "Cancel an account's subscription",
        _TAG,
        ADMIN,
        None,
        status=204,
        parameters=(_USER,),
        refusals=(404, 409),
    ),
    Route(
        "GET",
        "/v1/admin/audit",
        admin.trail,
        "The audit trail, the newest first",
        _TAG,
        ADMIN,
        bodies.Trail,
        parameters=(
            _word("actor", "Only deeds of this account, or of `alpine` or `operator`."),
            _word("deed", "Only deeds of this name."),
            _word("subject", "Only deeds to this."),
            _LIMIT,
            Parameter(
                "cursor",
                "`next` of the page before.",
                {"type": "integer", "minimum": 1, "maximum": admin.LARGEST_NUMBER},
            ),
        ),
        refusals=(400,),
    ),
    Route(
        "GET",
        "/v1/admin/ingest",
        admin.ingest,
        "How it stands with the reading of the log",
        _TAG,
        SUPPORT,
        bodies.IngestBody,
    ),
    Route(
        "GET",
        _REFUSED,
        admin.quarantine,
        "What was refused of the log",
        _TAG,
        SUPPORT,
        bodies.QuarantineList,
        parameters=(
            Parameter(
                "resolved",
                "Resolved ones, or open ones.",
                {"type": "string", "enum": ["yes", "no"], "default": "no"},
            ),
            _LIMIT,
        ),
        refusals=(400,),
    ),
    Route(
        "GET",
        f"{_REFUSED}/{{id}}/evidence",
        admin.evidence,
        "A piece of evidence, byte for byte",
        _TAG,
        # What was refused may hold a body that is sealed to all but those who pay.
        ADMIN,
        "application/octet-stream",
        parameters=(
            _REFUSAL,
            Parameter(
                "name",
                "The piece's name.",
                {"type": "string", "minLength": 1, "maxLength": 255},
                is_needed=True,
                example="checkpoint",
            ),
        ),
        refusals=(400, 404),
    ),
    Route(
        "POST",
        f"{_REFUSED}/{{id}}/resolve",
        admin.resolve,
        "Close a refusal",
        _TAG,
        ADMIN,
        None,
        status=204,
        parameters=(_REFUSAL,),
        refusals=(404,),
        meaning="If it halted the reading, it goes on. The same refusal again opens it again.",
    ),
)
