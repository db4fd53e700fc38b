"""All routes, of all rooms."""

from alpine_service.api import meta_routes, stream_routes
from alpine_service.api.route import Route

ROUTES: tuple[Route, ...] = (
    *meta_routes.ROUTES,
    *stream_routes.ROUTES,
)
