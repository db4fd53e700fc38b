"""What an operator decides, read from the environment once and by nobody else."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from attrs import field, frozen

from alpine_service.errors import InvalidSetting
from alpine_service.ports.observing import Weight

HIGHEST_PORT = 65_535
_PREFIX = "ALPINE_"
_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MOST = 1_000_000


@frozen
class LogSettings:
    """The log that is read: where it is, and the keys that are pinned.

    `url` None: no log is read, and what is stored is served. `key` is its verifier key; `api_key`
    opens its stream and its bodies, and what is read without it comes later, or only revealed.
    """

    url: str | None = None
    key: str | None = None
    api_key: str | None = field(default=None, repr=False)
    poll_s: float = 1.0


@frozen
class MailSettings:
    """How mail leaves.

    `url` is `smtp://`, `smtps://` or `smtp+starttls://`, with user and password, or `file:` and a
    folder in which mails are laid down instead of sent.
    """

    url: str | None = field(default=None, repr=False)
    sender: str = "Alpine <alpine@localhost>"


@frozen
class Operation:
    """How the process is watched and stopped.

    `instance` tells several from each other, such as blue and green; `build` says what was built.
    For `drain_s` after SIGTERM it is not ready any more and answers still. `traces` is none,
    console, or the http(s) URL of an OTLP collector; of all traces `traces_share` is taken. A
    secrets manager is asked again every `secrets_refresh_s`.
    """

    instance: str = "alpine"
    build: str = "unknown"
    drain_s: float = 0.0
    log_level: Weight = Weight.INFO
    traces: str = "none"
    traces_share: float = 0.1
    secrets_refresh_s: float = 300.0


@frozen
class Before:
    """Secrets as they were before, while they are being changed and may still be the right ones."""

    database_url: str | None = field(default=None, repr=False)
    log_api_key: str | None = field(default=None, repr=False)


@frozen
class Bounds:
    """What is taken on, of strangers by address, of pages by account, and at once."""

    per_minute: int = 60
    pages_per_minute: int = 300
    at_once: int = 200


@frozen
class Settings:
    """Alpine's settings; a port of 0 lets the system choose a free one.

    `database_url` is for the role without DDL, `owner_url` for migrations; without the former a
    PostgreSQL of our own is started, with its data in `folder`. `folder` also has the witness's
    key and the vault's. `witness_name` is the name of the witness's key, made at the first start.
    """

    # Loopback, because what is beyond belongs behind a proxy that speaks TLS.
    host: str = "127.0.0.1"
    port: int = 8091
    internal_host: str = "127.0.0.1"
    # Health and metrics for the operator.
    internal_port: int = 8092
    # How the world calls us: for links in mails, and to know our own origin.
    public_url: str = "http://127.0.0.1:8091"
    folder: Path = Path("alpine-data")
    database_url: str | None = field(default=None, repr=False)
    owner_url: str | None = field(default=None, repr=False)
    witness_name: str = "alpine.example/witness"
    log: LogSettings = LogSettings()
    mail: MailSettings = MailSettings()
    operation: Operation = Operation()
    bounds: Bounds = Bounds()
    before: Before = Before()
    # Addresses of proxies whose X-Forwarded-For is believed.
    trusted_proxies: tuple[str, ...] = ()
    # Webhooks to private addresses: for a receiver on the same machine, as in the demo.
    private_webhooks: bool = False
    # A sorted file of SHA-1s of known passwords, as Have I Been Pwned gives it.
    breached_passwords: Path | None = None
    # A sentence above every page.
    notice: str | None = None


def environment() -> Mapping[str, str]:
    """What the process was given; nobody else looks there."""
    return os.environ


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read `ALPINE_...`; what is absent keeps its default, and an unknown name is refused.

    Raises:
        InvalidSetting: a value is there and cannot be meant.
    """
    given = {name: text.strip() for name, text in environment.items() if name.startswith(_PREFIX)}
    _refuse_unknown(given)
    default = Settings()
    host = _text(given, "ALPINE_HOST", "give an address such as 127.0.0.1") or default.host
    port = _port(given, "ALPINE_PORT", default.port)
    return Settings(
        host=host,
        port=port,
        internal_host=_text(given, "ALPINE_INTERNAL_HOST", "give an address such as 127.0.0.1")
        or default.internal_host,
        internal_port=_port(given, "ALPINE_INTERNAL_PORT", default.internal_port),
        public_url=_url(given, "ALPINE_PUBLIC_URL", ("http", "https")) or _own_url(host, port),
        folder=Path(_text(given, "ALPINE_FOLDER", "name a folder") or default.folder),
        database_url=_url(given, "ALPINE_DATABASE_URL", ("postgresql", "postgres")),
        owner_url=_url(given, "ALPINE_OWNER_DATABASE_URL", ("postgresql", "postgres")),
        witness_name=_text(
            given, "ALPINE_WITNESS_NAME", "give a name such as alpine.example/witness"
        )
        or default.witness_name,
        log=_log(given),
        mail=MailSettings(
            url=_url(given, "ALPINE_MAIL_URL", ("smtp", "smtps", "smtp+starttls", "file")),
            sender=_text(given, "ALPINE_MAIL_FROM", "give a sender such as Alpine <a@b.example>")
            or default.mail.sender,
        ),
        operation=_operation(given),
        bounds=Bounds(
            per_minute=_count(given, "ALPINE_LIMIT_PER_MINUTE", default.bounds.per_minute),
            pages_per_minute=_count(
                given, "ALPINE_LIMIT_PAGES_PER_MINUTE", default.bounds.pages_per_minute
            ),
            at_once=_count(given, "ALPINE_LIMIT_AT_ONCE", default.bounds.at_once),
        ),
        trusted_proxies=tuple(given.get("ALPINE_TRUSTED_PROXIES", "").split()),
        private_webhooks=_flag(given, "ALPINE_PRIVATE_WEBHOOKS"),
        breached_passwords=_path(given, "ALPINE_BREACHED_PASSWORDS"),
        notice=_text(given, "ALPINE_NOTICE", "give a sentence, or leave it out"),
    )


NAMES = frozenset(
    _PREFIX + name
    for name in (
        "HOST",
        "PORT",
        "INTERNAL_HOST",
        "INTERNAL_PORT",
        "PUBLIC_URL",
        "FOLDER",
        "DATABASE_URL",
        "OWNER_DATABASE_URL",
        "WITNESS_NAME",
        "LOG_URL",
        "LOG_KEY",
        "LOG_API_KEY",
        "LOG_POLL_S",
        "MAIL_URL",
        "MAIL_FROM",
        "TRUSTED_PROXIES",
        "PRIVATE_WEBHOOKS",
        "BREACHED_PASSWORDS",
        "NOTICE",
        "INSTANCE",
        "BUILD",
        "DRAIN_S",
        "LOG_LEVEL",
        "TRACES",
        "TRACES_SHARE",
        "LIMIT_PER_MINUTE",
        "LIMIT_PAGES_PER_MINUTE",
        "LIMIT_AT_ONCE",
        "SECRETS_REFRESH_S",
        # Those of the tests and benchmarks.
        "TORTURE_KILLS",
        "SCREENSHOTS",
        "LOOKS",
    )
)


# Those whose values are secrets.
SECRET_NAMES = frozenset(
    {
        "ALPINE_DATABASE_URL",
        "ALPINE_OWNER_DATABASE_URL",
        "ALPINE_LOG_API_KEY",
        "ALPINE_MAIL_URL",
    }
)
# Those that say where others are, which whoever reads these has followed already.
SOURCES = frozenset(
    {
        "ALPINE_SETTINGS_FILE",
        "ALPINE_SECRETS",
        *(f"{name}_FILE" for name in SECRET_NAMES),
    }
)


def _refuse_unknown(given: Mapping[str, str]) -> None:
    for name in sorted(given):
        if name not in NAMES:
            raise InvalidSetting(
                name, "there is no such setting", "docs/reference/settings.md has all names"
            )


def _log(given: Mapping[str, str]) -> LogSettings:
    log = LogSettings(
        url=_url(given, "ALPINE_LOG_URL", ("http", "https")),
        key=_text(given, "ALPINE_LOG_KEY", "give the log's verifier key"),
        api_key=_text(given, "ALPINE_LOG_API_KEY", "give a key, or leave it out"),
        poll_s=_seconds(given, "ALPINE_LOG_POLL_S", LogSettings().poll_s),
    )
    if log.url and not log.key:
        fix = "give the log's verifier key, from elsewhere than its server"
        raise InvalidSetting("ALPINE_LOG_KEY", "a log is worth nothing without its key", fix)
    return log


def _operation(given: Mapping[str, str]) -> Operation:
    default = Operation()
    return Operation(
        instance=_word(given, "ALPINE_INSTANCE", default.instance),
        build=_word(given, "ALPINE_BUILD", default.build),
        drain_s=_seconds(given, "ALPINE_DRAIN_S", default.drain_s, least=0),
        log_level=_weight(given, "ALPINE_LOG_LEVEL", default.log_level),
        traces=_traces(given, "ALPINE_TRACES", default.traces),
        traces_share=_share(given, "ALPINE_TRACES_SHARE", default.traces_share),
        secrets_refresh_s=_seconds(given, "ALPINE_SECRETS_REFRESH_S", default.secrets_refresh_s),
    )


def _word(given: Mapping[str, str], name: str, default: str) -> str:
    text = given.get(name, default)
    if not _WORD.fullmatch(text):
        fix = "give up to 64 letters, digits, dots, dashes and underscores"
        raise InvalidSetting(name, "it is not a word", fix)
    return text


def _weight(given: Mapping[str, str], name: str, default: Weight) -> Weight:
    text = given.get(name, default)
    if text not in set(Weight):
        raise InvalidSetting(name, f"{text[:40]!r} is no level", f"give {', '.join(Weight)}")
    return Weight(text)


def _traces(given: Mapping[str, str], name: str, default: str) -> str:
    text = given.get(name, default)
    if text in {"none", "console"}:
        return text
    url = _url(given, name, ("http", "https")) or default
    if urlsplit(url).username is not None or urlsplit(url).password is not None:
        raise InvalidSetting(name, "there is a password in it", "give the URL without one")
    return url


def _share(given: Mapping[str, str], name: str, default: float) -> float:
    text, fix = given.get(name, str(default)), "give a share from 0 to 1, such as 0.1"
    try:
        share = float(text)
    except ValueError as error:
        raise InvalidSetting(name, f"{text[:40]!r} is not a number", fix) from error
    if not 0 <= share <= 1:
        raise InvalidSetting(name, f"{text[:40]} is no share", fix)
    return share


def _text(given: Mapping[str, str], name: str, fix: str) -> str | None:
    if name in given and not given[name]:
        raise InvalidSetting(name, "it is empty", fix)
    return given.get(name)


def _port(given: Mapping[str, str], name: str, default: int) -> int:
    fix = f"give a whole number from 0 to {HIGHEST_PORT}"
    text = given.get(name, str(default))
    # Python reads more spellings of a number than an operator writes.
    if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdecimal()):
        raise InvalidSetting(name, f"{text[:40]!r} is not a number", fix)
    port = int(text)
    if not 0 <= port <= HIGHEST_PORT:
        raise InvalidSetting(name, f"{port} is not a port", fix)
    return port


def _count(given: Mapping[str, str], name: str, default: int) -> int:
    fix = f"give a whole number from 1 to {_MOST}"
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdecimal()):
        raise InvalidSetting(name, f"{text[:40]!r} is not a number", fix)
    if not 1 <= int(text) <= _MOST:
        raise InvalidSetting(name, f"{text[:40]} is too few or too many", fix)
    return int(text)


def _seconds(
    given: Mapping[str, str], name: str, default: float, least: float | None = None
) -> float:
    """Above 0, or from `least` on."""
    fix = "give seconds above 0, such as 1.5" if least is None else "give seconds, such as 5"
    text = given.get(name, str(default))
    try:
        seconds = float(text)
    except ValueError as error:
        raise InvalidSetting(name, f"{text[:40]!r} is not a number", fix) from error
    # Written so that NaN is refused as well.
    is_enough = seconds > 0 if least is None else seconds >= least
    if not (is_enough and seconds < float("inf")):
        raise InvalidSetting(name, f"{text[:40]} cannot be waited", fix)
    return seconds


def _flag(given: Mapping[str, str], name: str) -> bool:
    text = given.get(name, "no")
    if text not in {"yes", "no"}:
        raise InvalidSetting(name, f"{text[:40]!r} is neither yes nor no", "give yes or no")
    return text == "yes"


def _path(given: Mapping[str, str], name: str) -> Path | None:
    text = _text(given, name, "name a file, or leave it out")
    return Path(text) if text else None


def _url(given: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    """The text of a URL; it is not repeated in errors, because there may be a password in it."""
    fix = f"give a URL that begins with {' or '.join(f'{scheme}:' for scheme in schemes)}"
    text = _text(given, name, fix)
    if text is None:
        return None
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise InvalidSetting(name, "it is not a URL", fix) from error
    if parts.scheme not in schemes:
        raise InvalidSetting(name, "it is not such a URL", fix)
    if parts.scheme in {"http", "https"} and not parts.hostname:
        raise InvalidSetting(name, "it names no host", fix)
    return text.rstrip("/")


def _own_url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
