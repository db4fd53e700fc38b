"""What handlers find in the application, each under its typed key."""

from collections.abc import Sequence

from aiohttp import web

from argo_adapters.observers.prometheus import PrometheusMetrics
from argo_core.engine.engine import Engine
from argo_core.execution.trader import Trader
from argo_core.ports import Clock, SignalIndex, SignalLog
from argo_service.api.allowance import Allowances
from argo_service.api.caller_address import Proxies
from argo_service.api.feed import Feed
from argo_service.api.keyring import Keyring
from argo_service.api.probes import Probe
from argo_service.api.published import Publication
from argo_service.api.signal_views import ProseOf
from argo_service.backtesting.desk import Desk
from argo_service.machine import Machine
from argo_service.record import OpenLog
from argo_service.skill.desk import SkillDesk
from argo_service.standing_by.post import Post
from argo_service.tally import Tally
from argo_service.tracing import Tracing

ENGINE = web.AppKey("ENGINE", Engine)
LOG: web.AppKey[SignalLog] = web.AppKey("LOG")
INDEX: web.AppKey[SignalIndex] = web.AppKey("INDEX")
# Where what may be shown ends; None where nothing is published.
PUBLICATION: web.AppKey[Publication | None] = web.AppKey("PUBLICATION")
FEED = web.AppKey("FEED", Feed)
CLOCK: web.AppKey[Clock] = web.AppKey("CLOCK")
METRICS = web.AppKey("METRICS", PrometheusMetrics)
MACHINE = web.AppKey("MACHINE", Machine)
TRACING = web.AppKey("TRACING", Tracing)
TALLY = web.AppKey("TALLY", Tally)
KEYRING = web.AppKey("KEYRING", Keyring)
ALLOWANCES = web.AppKey("ALLOWANCES", Allowances)
# What anybody may read is rationed apart, and more generously.
PUBLIC_ALLOWANCES = web.AppKey("PUBLIC_ALLOWANCES", Allowances)
# So is what operators ask for, which no dashboard that asks too often should keep out.
CONTROL_ALLOWANCES = web.AppKey("CONTROL_ALLOWANCES", Allowances)
# Whose word about where a request comes from is believed.
PROXIES: web.AppKey[Proxies] = web.AppKey("PROXIES")
SKILL = web.AppKey("SKILL", SkillDesk)
# The log with its fences; None where it has none. And the place beside a standby, if there is one.
STORE: web.AppKey[OpenLog | None] = web.AppKey("STORE")
POST: web.AppKey[Post | None] = web.AppKey("POST")
# Whoever trades as long as the process runs; None where nothing is traded.
TRADING: web.AppKey[Trader | None] = web.AppKey("TRADING")
# Where backtests are asked for; None where none are run.
BACKTESTS: web.AppKey[Desk | None] = web.AppKey("BACKTESTS")
PROBES: web.AppKey[Sequence[Probe]] = web.AppKey("PROBES")
PROSE_OF: web.AppKey[ProseOf] = web.AppKey("PROSE_OF")
# Settings of vendors that are switched on and have no key.
MISSING_KEYS: web.AppKey[Sequence[str]] = web.AppKey("MISSING_KEYS")
STARTED_S = web.AppKey("STARTED_S", float)
# One line above the pages when what is served is not the real market.
NOTICE = web.AppKey("NOTICE", str)
OPENAPI = web.AppKey("OPENAPI", bytes)
DOCS_PAGE = web.AppKey("DOCS_PAGE", str)
