"""A canary in every secret setting there is: no repr, error, log line, span or metric shows it."""

import asyncio
import json
import logging
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest

from argo_adapters.observers.event_log import fields
from argo_adapters.observers.json_lines import JsonLines
from argo_adapters.observers.prometheus import PrometheusMetrics
from argo_core.consensus.opinion import GROK
from argo_core.errors import InvalidSetting
from argo_core.events import SourceFailed
from argo_core.resilience.secret import Secret
from argo_core.testing.fake_clock import BEGINNING
from argo_service.config.reader import leaves
from argo_service.config.tree import Settings
from argo_service.known_secrets import known_in
from argo_service.settings import read_configuration
from argo_service.tracing import tracing

CANARY = "canary-5f3e9a"
# Where a secret has a form, the canary is the part of it that nobody may see.
FORMS = {
    "redis.url": f"redis://me:{CANARY}@127.0.0.1:6379/0",
    "log.database_url": f"postgresql://me:{CANARY}@127.0.0.1:5432/argo",
    "log.owner_url": f"postgresql://owner:{CANARY}@127.0.0.1:5432/argo",
    "tracing.headers": f"Authorization=Bearer%20{CANARY}",
}
SECRETS = {
    key: leaf
    for key, leaf in leaves(Settings).items()
    if leaf.type is Secret or Secret in get_args(leaf.type)
}


def planted(key: str) -> Settings:
    """Settings with the canary in that one."""
    value = FORMS.get(key, CANARY)
    return read_configuration(None, {SECRETS[key].variable: value}).settings


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A settings file that happens to lie here would be read, too.
    monkeypatch.chdir(tmp_path)


def test_there_are_secrets_to_plant() -> None:
    assert {"sources.grok.key", "alpaca.secret_key", *FORMS} <= set(SECRETS)


@pytest.mark.parametrize("key", SECRETS)
def test_no_repr_shows_it(key: str) -> None:
    settings = planted(key)
    assert CANARY not in repr(settings)
    assert CANARY not in str(settings)
    assert CANARY not in f"{settings.secret(key)!r} {settings.secret(key)}"


@pytest.mark.parametrize("key", SECRETS)
def test_no_refusal_repeats_it(key: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        read_configuration(None, {SECRETS[key].variable: f"{CANARY} \n {CANARY}"})
    assert CANARY not in str(refused.value)
    assert CANARY not in repr(refused.value)


@pytest.mark.parametrize("key", SECRETS)
def test_no_log_line_shows_it_though_everything_is_logged(key: str) -> None:
    lines = JsonLines(known_in(planted(key)).redactor)
    event = SourceFailed(GROK, BEGINNING, 1.0, 1, Decimal(0), "VendorRefused", f"key {CANARY}")
    for message, arguments in (
        (f"as it is: {CANARY}", ()),
        ("whole: %s", (FORMS.get(key, CANARY),)),
        ("among others: %s", ({"deep": [CANARY]},)),
        (fields(event), ()),
    ):
        record = logging.LogRecord("x", logging.INFO, "x", 1, message, arguments, None)
        line = lines.format(record)
        assert CANARY not in line
        assert json.loads(line)["logger"] == "x"


@pytest.mark.parametrize("key", SECRETS)
async def test_no_span_shows_it_on_its_way_out(
    key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    value = FORMS.get(key, CANARY)
    environment = {SECRETS[key].variable: value, "ARGO_TRACING__EXPORTER": "console"}
    settings = (await asyncio.to_thread(read_configuration, None, environment)).settings
    async with tracing(settings) as opened:
        with opened.tracer.span(f"ask {CANARY}", source=value) as span:
            span.note(more=f"https://a.example/?apikey={CANARY}")
    told = capsys.readouterr().err
    assert '"name": "ask ***"' in told
    assert CANARY not in told


def test_no_metric_shows_what_a_vendor_said() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(
        SourceFailed(GROK, BEGINNING, 1.0, 1, Decimal(0), "VendorRefused", f"key {CANARY}")
    )
    for openmetrics in (False, True):
        assert CANARY.encode() not in metrics.exposition(openmetrics=openmetrics)
