"""All routes, of all rooms."""

from alpine_service.api import (
    account_routes,
    meta_routes,
    record_routes,
    signal_routes,
    stream_routes,
    webhook_routes,
    witness_routes,
)
from alpine_service.api.route import Route

ROUTES: tuple[Route, ...] = (
    *account_routes.ROUTES,
    *meta_routes.ROUTES,
    *record_routes.ROUTES,
    *signal_routes.ROUTES,
    *stream_routes.ROUTES,
    *webhook_routes.ROUTES,
    *witness_routes.ROUTES,
)
