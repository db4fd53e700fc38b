"""All routes of the account."""

from alpine_service.api.route import Route
from alpine_service.pages.account import (
    billing_routes,
    entry_routes,
    mail_routes,
    overview_routes,
    own_key_routes,
    security_routes,
    session_routes,
    unsubscribe_routes,
)

ROUTES: tuple[Route, ...] = (
    *entry_routes.ROUTES,
    *mail_routes.ROUTES,
    *overview_routes.ROUTES,
    *security_routes.ROUTES,
    *session_routes.ROUTES,
    *own_key_routes.ROUTES,
    *billing_routes.ROUTES,
    *unsubscribe_routes.ROUTES,
)
