"""All routes, of all rooms."""

from alpine_service.api import (
    account_routes,
    admin_routes,
    digest_routes,
    key_routes,
    meta_routes,
    plan_routes,
    record_routes,
    signal_routes,
    stream_routes,
    webhook_routes,
    witness_routes,
)
from alpine_service.api.route import Route

ROUTES: tuple[Route, ...] = (
    *account_routes.ROUTES,
    *digest_routes.ROUTES,
    *admin_routes.ROUTES,
    *key_routes.ROUTES,
    *meta_routes.ROUTES,
    *plan_routes.ROUTES,
    *record_routes.ROUTES,
    *signal_routes.ROUTES,
    *stream_routes.ROUTES,
    *webhook_routes.ROUTES,
    *witness_routes.ROUTES,
)
