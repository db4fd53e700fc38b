"""The route of one signal's page."""

from alpine_service.api.route import ANYBODY
from alpine_service.pages.page import page
from alpine_service.pages.signal import signal

ROUTES = (page("/signals/{id}", signal.signal, "One signal, with its proof", ANYBODY),)
