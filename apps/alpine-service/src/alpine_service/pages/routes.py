"""All pages, of all rooms."""

from alpine_service.api.route import Route
from alpine_service.pages import chosen, files_routes
from alpine_service.pages.account import account_routes
from alpine_service.pages.admin import admin_routes
from alpine_service.pages.board import board_routes
from alpine_service.pages.docs import docs_routes
from alpine_service.pages.home import home_routes
from alpine_service.pages.performance import performance_routes
from alpine_service.pages.signal import signal_routes
from alpine_service.pages.strategies import strategies_routes
from alpine_service.pages.webhooks import webhook_routes

ROUTES: tuple[Route, ...] = (
    *chosen.ROUTES,
    *files_routes.ROUTES,
    *board_routes.ROUTES,
    *home_routes.ROUTES,
    *account_routes.ROUTES,
    *signal_routes.ROUTES,
    *webhook_routes.ROUTES,
    *admin_routes.ROUTES,
    *docs_routes.ROUTES,
    *performance_routes.ROUTES,
    *strategies_routes.ROUTES,
)
