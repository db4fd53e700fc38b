"""Accounts and what people are told by mail."""

from alpine_service.adapters.mail.mailer import Exchangeable, open_mailer
from alpine_service.adapters.postgres.accounts import PostgresAccounts
from alpine_service.adapters.postgres.audit import PostgresAuditTrail
from alpine_service.adapters.postgres.factors import PostgresFactors
from alpine_service.adapters.postgres.mail_queue import CHANNEL, PostgresMailQueue
from alpine_service.adapters.postgres.sessions import PostgresSessions
from alpine_service.adapters.postgres.throttle import PostgresThrottle
from alpine_service.adapters.secrets.password_judge import ZxcvbnJudge
from alpine_service.ports.accounts import Exporter, Passwords
from alpine_service.ports.mail import Mailer
from alpine_service.ports.outside import Clock
from alpine_service.services.account_services import (
    AccountNeeds,
    AccountServices,
    account_services,
)
from alpine_service.services.postman import Postman
from alpine_service.settings import Settings
from alpine_service.wiring.ground import Ground

MAIL_FOLDER = "mail"


def accounts_on(
    ground: Ground, passwords: Passwords, exporters: tuple[Exporter, ...] = ()
) -> AccountServices:
    """All services of accounts; `exporters` are those of other rooms."""
    database = ground.database
    return account_services(
        AccountNeeds(
            accounts=PostgresAccounts(database),
            sessions=PostgresSessions(database),
            factors=PostgresFactors(database),
            trail=PostgresAuditTrail(database),
            throttle=PostgresThrottle(database),
            passwords=passwords,
            judge=ZxcvbnJudge(ground.settings.breached_passwords),
            vault=ground.vault,
            clock=ground.clock,
            chance=ground.chance,
            observer=ground.observer,
            public_url=ground.settings.public_url,
            exporters=exporters,
        )
    )


def mailer_of(settings: Settings, clock: Clock) -> Mailer:
    """The way by which mails leave; where no server is set they are laid down in a folder.

    Raises:
        InvalidSetting: mail server or sender cannot be meant.
    """
    url = settings.mail.url or f"file:{(settings.folder / MAIL_FOLDER).absolute()}"
    return open_mailer(url, settings.mail.sender, clock, settings.before.mail_url)


def mailer_on(ground: Ground) -> Exchangeable:
    """Who hands mails over.

    Raises:
        InvalidSetting: mail server or sender cannot be meant.
    """
    settings = ground.settings
    return Exchangeable(mailer_of(settings, ground.clock))


def postman_on(ground: Ground, mailer: Mailer) -> Postman:
    """Who takes mails away."""
    return Postman(
        PostgresMailQueue(ground.database),
        mailer,
        ground.wakeups.listen(CHANNEL),
        ground.clock,
        ground.observer,
        ground.tracing.tracer,
    )
