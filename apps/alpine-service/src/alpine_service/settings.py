"""What an operator decides, read from the environment once and by nobody else."""

import os
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from alpine_service.errors import InvalidSetting
from alpine_service.ports.observing import Weight
from alpine_service.setting_texts import Texts

_PREFIX = "ALPINE_"
_SERVERS = ("postgresql", "postgres")
_ADDRESS = "give an address such as 127.0.0.1"


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
    mail_url: str | None = field(default=None, repr=False)


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
    default, read = Settings(), Texts(given)
    host = read.text("ALPINE_HOST", _ADDRESS) or default.host
    port = read.port("ALPINE_PORT", default.port)
    name_fix = "give a name such as alpine.example/witness"
    return Settings(
        host=host,
        port=port,
        internal_host=read.text("ALPINE_INTERNAL_HOST", _ADDRESS) or default.internal_host,
        internal_port=read.port("ALPINE_INTERNAL_PORT", default.internal_port),
        public_url=read.url("ALPINE_PUBLIC_URL", "http", "https") or _own_url(host, port),
        folder=Path(read.text("ALPINE_FOLDER", "name a folder") or default.folder),
        database_url=read.url("ALPINE_DATABASE_URL", *_SERVERS),
        owner_url=read.url("ALPINE_OWNER_DATABASE_URL", *_SERVERS),
        witness_name=read.text("ALPINE_WITNESS_NAME", name_fix) or default.witness_name,
        log=_log(read),
        mail=_mail(read),
        operation=_operation(read),
        bounds=_bounds(read),
        trusted_proxies=read.words("ALPINE_TRUSTED_PROXIES"),
        private_webhooks=read.flag("ALPINE_PRIVATE_WEBHOOKS"),
        breached_passwords=read.path("ALPINE_BREACHED_PASSWORDS"),
        notice=read.text("ALPINE_NOTICE", "give a sentence, or leave it out"),
    )


def _refuse_unknown(given: Mapping[str, str]) -> None:
    for name in sorted(given):
        if name not in NAMES:
            raise InvalidSetting(
                name, "there is no such setting", "docs/reference/settings.md has all names"
            )


def _log(read: Texts) -> LogSettings:
    log = LogSettings(
        url=read.url("ALPINE_LOG_URL", "http", "https"),
        key=read.text("ALPINE_LOG_KEY", "give the log's verifier key"),
        api_key=read.text("ALPINE_LOG_API_KEY", "give a key, or leave it out"),
        poll_s=read.seconds("ALPINE_LOG_POLL_S", LogSettings().poll_s),
    )
    if log.url and not log.key:
        fix = "give the log's verifier key, from elsewhere than its server"
        raise InvalidSetting("ALPINE_LOG_KEY", "a log is worth nothing without its key", fix)
    return log


def _mail(read: Texts) -> MailSettings:
    sender = read.text("ALPINE_MAIL_FROM", "give a sender such as Alpine <a@b.example>")
    return MailSettings(
        url=read.url("ALPINE_MAIL_URL", "smtp", "smtps", "smtp+starttls", "file"),
        sender=sender or MailSettings().sender,
    )


def _operation(read: Texts) -> Operation:
    default = Operation()
    return Operation(
        instance=read.word("ALPINE_INSTANCE", default.instance),
        build=read.word("ALPINE_BUILD", default.build),
        drain_s=read.seconds("ALPINE_DRAIN_S", default.drain_s, least=0),
        log_level=read.weight("ALPINE_LOG_LEVEL", default.log_level),
        traces=read.traces("ALPINE_TRACES", default.traces),
        traces_share=read.share("ALPINE_TRACES_SHARE", default.traces_share),
        secrets_refresh_s=read.seconds("ALPINE_SECRETS_REFRESH_S", default.secrets_refresh_s),
    )


def _bounds(read: Texts) -> Bounds:
    default = Bounds()
    return Bounds(
        per_minute=read.count("ALPINE_LIMIT_PER_MINUTE", default.per_minute),
        pages_per_minute=read.count("ALPINE_LIMIT_PAGES_PER_MINUTE", default.pages_per_minute),
        at_once=read.count("ALPINE_LIMIT_AT_ONCE", default.at_once),
    )


def _own_url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
