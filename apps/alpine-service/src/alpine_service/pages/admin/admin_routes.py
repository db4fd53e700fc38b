"""The routes of staff's pages, for sessions with a second factor: support helps, admins decide."""

from alpine_service.api.route import ADMIN, SUPPORT, Route
from alpine_service.pages.admin import admin_forms as forms
from alpine_service.pages.admin import log_pages, people_pages, trail_pages
from alpine_service.pages.forms import Pressed
from alpine_service.pages.page import form, page

_ONE = f"{people_pages.PATH}/{{id}}"
_REFUSAL = f"{log_pages.PATH}/{{id}}"
_KEY = f"{_ONE}/keys/{{key}}/revoke"

ROUTES: tuple[Route, ...] = (
    page("/admin", people_pages.start, "Where staff begin", SUPPORT),
    page(people_pages.PATH, people_pages.people, "Accounts, the newest first", SUPPORT),
    form(people_pages.PATH, people_pages.search, "Search accounts", SUPPORT, forms.SearchingPeople),
    page(_ONE, people_pages.person, "One account", SUPPORT),
    form(f"{_ONE}/suspend", people_pages.suspend, "Close an account", SUPPORT, Pressed),
    form(f"{_ONE}/restore", people_pages.restore, "Open an account again", SUPPORT, Pressed),
    form(f"{_ONE}/sessions", people_pages.end_sessions, "End all sessions", SUPPORT, Pressed),
    form(_KEY, people_pages.revoke_key, "Revoke a key", SUPPORT, Pressed),
    form(f"{_ONE}/role", people_pages.change_role, "Change a role", ADMIN, forms.ChangingRole),
    form(
        f"{_ONE}/billing",
        people_pages.record_payment,
        "Record a payment, a grant, a failure or a refund",
        ADMIN,
        forms.RecordingPayment,
    ),
    form(f"{_ONE}/cancel", people_pages.cancel, "Cancel a subscription", ADMIN, Pressed),
    page(log_pages.PATH, log_pages.ingest, "The reading of the log", SUPPORT),
    # What was refused may hold a body that is sealed to all but those who pay.
    page(f"{_REFUSAL}/evidence", log_pages.evidence, "A piece of evidence", ADMIN),
    form(f"{_REFUSAL}/resolve", log_pages.resolve, "Close a refusal", ADMIN, forms.Resolving),
    page("/admin/deliveries", trail_pages.deliveries, "Deliveries that failed", SUPPORT),
    page(trail_pages.TRAIL, trail_pages.trail, "The audit trail", ADMIN),
    form(trail_pages.TRAIL, trail_pages.ask_trail, "Ask the trail", ADMIN, forms.AskingTrail),
    page("/admin/design", trail_pages.design, "Every component of the pages", SUPPORT),
)
