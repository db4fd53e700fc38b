"""Where handlers find their services in the application; wiring puts them there."""

from aiohttp import web

from alpine_service.api.described import Described
from alpine_service.api.listeners import Listeners
from alpine_service.api.made_once import MadeOnce
from alpine_service.api.platform import Platform
from alpine_service.ports.events import Events
from alpine_service.services.administration import Administration
from alpine_service.services.api_keys import ApiKeys
from alpine_service.services.board import Board
from alpine_service.services.credentials import Credentials
from alpine_service.services.digest import Digests
from alpine_service.services.health import Health
from alpine_service.services.ingest_standing import IngestStanding
from alpine_service.services.log_view import LogView
from alpine_service.services.login import Login
from alpine_service.services.own_account import OwnAccount
from alpine_service.services.quotas import Quotas
from alpine_service.services.registration import Registration
from alpine_service.services.second_factors import SecondFactors
from alpine_service.services.sessions import Sessions
from alpine_service.services.signals import Signals
from alpine_service.services.stream import Stream
from alpine_service.services.subscriptions import Subscriptions
from alpine_service.services.track_record import TrackRecord
from alpine_service.services.webhooks import Webhooks
from alpine_service.services.witness import Witness

PLATFORM = web.AppKey("platform", Platform)
STREAM = web.AppKey("stream", Stream)
LISTENERS = web.AppKey("listeners", Listeners)
SIGNALS = web.AppKey("signals", Signals)
BOARD = web.AppKey("board", Board)
TRACK_RECORD = web.AppKey("track_record", TrackRecord)
DESCRIBED = web.AppKey("described", Described)
LOG = web.AppKey("log", LogView)
HEALTH = web.AppKey("health", Health)
# A protocol has no class to name.
EVENTS: web.AppKey[Events] = web.AppKey("events")
PAGES = web.AppKey("pages", MadeOnce)
WITNESS = web.AppKey("witness", Witness)
REGISTRATION = web.AppKey("registration", Registration)
LOGIN = web.AppKey("login", Login)
SESSIONS = web.AppKey("sessions", Sessions)
CREDENTIALS = web.AppKey("credentials", Credentials)
SECOND_FACTORS = web.AppKey("second_factors", SecondFactors)
OWN_ACCOUNT = web.AppKey("own_account", OwnAccount)
SUBSCRIPTIONS = web.AppKey("subscriptions", Subscriptions)
API_KEYS = web.AppKey("api_keys", ApiKeys)
QUOTAS = web.AppKey("quotas", Quotas)
ADMINISTRATION = web.AppKey("administration", Administration)
INGEST_STANDING = web.AppKey("ingest_standing", IngestStanding)
WEBHOOKS = web.AppKey("webhooks", Webhooks)
DIGESTS = web.AppKey("digests", Digests)
