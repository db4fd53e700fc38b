"""The routes of webhooks' pages. Who lost the plan can still look, change and delete."""

from alpine_service.api.route import SIGNED_IN, Access, Door, Route
from alpine_service.domain.plans.entitlement import Channel
from alpine_service.pages.forms import Pressed
from alpine_service.pages.page import form, page
from alpine_service.pages.webhooks import webhook_pages as pages
from alpine_service.pages.webhooks.webhook_forms import RecoveringSince, WritingWebhook

_ONE = f"{pages.PATH}/{{id}}"
_ON_PLAN = Access(Door.SESSION, channel=Channel.WEBHOOKS)
_OWN = Access(Door.SESSION, owned=True)
_OWN_ON_PLAN = Access(Door.SESSION, channel=Channel.WEBHOOKS, owned=True)
_RESEND = f"{_ONE}/deliveries/{{delivery}}/resend"

ROUTES: tuple[Route, ...] = (
    page(pages.PATH, pages.webhooks, "The own webhooks", SIGNED_IN),
    form(pages.PATH, pages.add, "Add a webhook", _ON_PLAN, WritingWebhook),
    page(_ONE, pages.webhook, "One webhook and its deliveries", _OWN),
    form(_ONE, pages.change, "Change a webhook", _OWN, WritingWebhook),
    form(f"{_ONE}/on", pages.turn_on, "Turn a webhook on", _OWN_ON_PLAN, Pressed),
    form(f"{_ONE}/off", pages.turn_off, "Turn a webhook off", _OWN, Pressed),
    form(f"{_ONE}/rotate", pages.rotate, "Give a webhook a new secret", _OWN, Pressed),
    form(f"{_ONE}/delete", pages.delete, "Delete a webhook", _OWN, Pressed),
    form(f"{_ONE}/test", pages.test, "Send a test", _OWN_ON_PLAN, Pressed),
    form(f"{_ONE}/recover", pages.recover, "Send what was lost", _OWN_ON_PLAN, RecoveringSince),
    form(_RESEND, pages.resend, "Send a delivery again", _OWN_ON_PLAN, Pressed),
)
