"""Who puts signals into words, as the settings have it."""

from collections.abc import Mapping

import aiohttp
from attrs import evolve

from argo_adapters.vendors.grok import GrokReasoner
from argo_core.consensus.opinion import GROK, SourceName
from argo_core.engine.outside import Writing
from argo_core.engine.shield import Shield
from argo_core.ports import Clock, Reasoner
from argo_service.config.tree import Settings
from argo_service.sharing import Shared
from argo_service.shields import words_of
from argo_service.turnstiles import Turnstiles
from argo_service.vendors import Keys, fixed_keys, grok_settings


def plug_in_reasoner(
    settings: Settings,
    session: aiohttp.ClientSession,
    clock: Clock,
    turnstiles: Turnstiles,
    keys: Keys | None = None,
) -> Reasoner | None:
    """The language model that writes, when that is switched on and there is a key."""
    words, key = settings.reasoning, (fixed_keys(settings) if keys is None else keys).get(GROK)
    if not words.enabled or key is None:
        return None
    asked = evolve(grok_settings(settings, key), model=words.model)
    return GrokReasoner(session, clock, asked, turnstile=turnstiles[GROK])


def writing(
    settings: Settings, reasoner: Reasoner, shields: Mapping[SourceName, Shield], shared: Shared
) -> Writing:
    """The reasoner behind its own purse, where its vendor has one."""
    payer = words_of(reasoner.name)
    return Writing(
        reasoner,
        payer,
        shield=shields.get(payer, shields[reasoner.name]),
        cache=shared.prose,
        timeout_s=settings.sources.grok.timeout_s,
        at_once=settings.reasoning.max_in_flight,
    )
