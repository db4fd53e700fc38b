"""The routes of webhooks.

Those whose answer has a secret in it take no Idempotency-Key, because the answer would be kept.
Who lost the plan can still look, change and delete.
"""

from typing import Any

from alpine_service.api import webhooks
from alpine_service.api.route import SUPPORT, Parameter, Route, keyed
from alpine_service.api.webhook_bodies import (
    AddingWebhook,
    ChangingWebhook,
    DeliveryPage,
    RecoveredBody,
    Recovering,
    WebhookBody,
    WebhookList,
    WebhookMade,
    WebhookSecret,
    WebhookTest,
)
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.delivery.errand import DeliveryState
from alpine_service.domain.plans.entitlement import Channel

_TAG = "Webhooks"
_PATH = "/v1/webhooks"
_ONE = f"{_PATH}/{{id}}"
_ALL = keyed(Scope.WEBHOOKS)
_OWN = keyed(Scope.WEBHOOKS, owned=True)
_OWN_ON_PLAN = keyed(Scope.WEBHOOKS, channel=Channel.WEBHOOKS, owned=True)
_WORD: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 64}
_ID = Parameter("id", "The webhook's id.", _WORD, where="path", is_needed=True)
_DELIVERY = Parameter("delivery", "The delivery's id.", _WORD, where="path", is_needed=True)
_PAGE = (
    Parameter(
        "limit",
        "How many at most.",
        {
            "type": "integer",
            "minimum": 1,
            "maximum": webhooks.LARGEST_PAGE,
            "default": webhooks.DEFAULT_PAGE,
        },
    ),
    Parameter(
        "cursor",
        "`next` of the page before.",
        {"type": "string", "pattern": f"^{webhooks.CURSOR}$"},
    ),
)
_STATE = Parameter(
    "state",
    "Only in this state.",
    {"type": "string", "enum": [each.value for each in DeliveryState]},
)

ROUTES = (
    Route("GET", _PATH, webhooks.webhooks, "The own webhooks", _TAG, _ALL, WebhookList),
    Route(
        "POST",
        _PATH,
        webhooks.add,
        "Add a webhook",
        _TAG,
        keyed(Scope.WEBHOOKS, channel=Channel.WEBHOOKS),
        WebhookMade,
        takes=AddingWebhook,
        status=201,
        refusals=(400, 409),
        meaning="By Standard Webhooks 1.0.0. It is told what happens from now on. The secret is in"
        " this answer and nowhere else.",
    ),
    Route(
        "GET",
        _ONE,
        webhooks.webhook,
        "One webhook",
        _TAG,
        _OWN,
        WebhookBody,
        parameters=(_ID,),
        refusals=(404,),
    ),
    Route(
        "PATCH",
        _ONE,
        webhooks.change,
        "Change a webhook",
        _TAG,
        _OWN,
        WebhookBody,
        takes=ChangingWebhook,
        parameters=(_ID,),
        refusals=(400, 404),
        meaning="Turned off, what waits for it is cancelled. Turned on, it is told what happens"
        " from then on.",
    ),
    Route(
        "DELETE",
        _ONE,
        webhooks.delete,
        "Delete a webhook",
        _TAG,
        _OWN,
        None,
        status=204,
        parameters=(_ID,),
        refusals=(404,),
        meaning="With its deliveries.",
    ),
    Route(
        "POST",
        f"{_ONE}/rotate",
        webhooks.rotate,
        "Give a webhook a new secret",
        _TAG,
        _OWN,
        WebhookSecret,
        status=201,
        parameters=(_ID,),
        refusals=(404,),
        meaning="For a day everything is signed with both.",
    ),
    Route(
        "POST",
        f"{_ONE}/test",
        webhooks.test,
        "Send a test",
        _TAG,
        _OWN_ON_PLAN,
        WebhookTest,
        status=202,
        parameters=(_ID,),
        refusals=(404, 409),
        idempotent=True,
        meaning="An event `webhook.test` that only this webhook is told of.",
    ),
    Route(
        "POST",
        f"{_ONE}/recover",
        webhooks.recover,
        "Send again what was lost since a time",
        _TAG,
        _OWN_ON_PLAN,
        RecoveredBody,
        takes=Recovering,
        status=202,
        parameters=(_ID,),
        refusals=(400, 404, 409),
        idempotent=True,
        meaning="What failed, and what happened while the webhook was off; ids stay the same. At"
        " most 30 days back, and 10,000 deliveries in one go.",
    ),
    Route(
        "POST",
        f"{_ONE}/enable",
        webhooks.enable,
        "Turn a webhook on again",
        _TAG,
        _OWN_ON_PLAN,
        WebhookBody,
        parameters=(_ID,),
        refusals=(404,),
        idempotent=True,
    ),
    Route(
        "GET",
        f"{_ONE}/deliveries",
        webhooks.deliveries,
        "Deliveries, the newest first",
        _TAG,
        _OWN,
        DeliveryPage,
        parameters=(_ID, _STATE, *_PAGE),
        refusals=(400, 404),
    ),
    Route(
        "POST",
        f"{_ONE}/deliveries/{{delivery}}/resend",
        webhooks.resend,
        "Send a delivery again",
        _TAG,
        _OWN_ON_PLAN,
        None,
        status=202,
        parameters=(_ID, _DELIVERY),
        refusals=(404, 409),
        idempotent=True,
        meaning="With the same id and body, whatever became of it before.",
    ),
    Route(
        "GET",
        "/v1/admin/deliveries",
        webhooks.failed,
        "Deliveries that failed, of everybody",
        "Staff",
        SUPPORT,
        DeliveryPage,
        parameters=_PAGE,
        refusals=(400,),
    ),
)
