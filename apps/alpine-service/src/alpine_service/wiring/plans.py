"""Plans, keys, quotas and what staff do."""

from attrs import frozen

from alpine_service.adapters.billing.manual import ManualBilling
from alpine_service.adapters.postgres.api_keys import KeyTable
from alpine_service.adapters.postgres.audit import PostgresAuditTrail
from alpine_service.adapters.postgres.entitlements import Entitlements
from alpine_service.adapters.postgres.people import PeopleTable
from alpine_service.adapters.postgres.subscriptions import SubscriptionTable
from alpine_service.adapters.postgres.usage import UsageTable
from alpine_service.services.administration import Administration
from alpine_service.services.api_keys import ApiKeys
from alpine_service.services.plans_export import PlansExport
from alpine_service.services.quotas import Quotas
from alpine_service.services.renewals import Renewals
from alpine_service.services.subscriptions import Subscriptions
from alpine_service.wiring.ground import Ground


@frozen
class PlansRoom:
    """`renewals` runs in the background; `quotas` gives back what it holds before a stop."""

    subscriptions: Subscriptions
    api_keys: ApiKeys
    quotas: Quotas
    renewals: Renewals
    entitlements: Entitlements
    administration: Administration
    export: PlansExport


def plans_on(ground: Ground) -> PlansRoom:
    """All of it; whoever wants to pay writes to the sender of our mails."""
    database, clock, observer = ground.database, ground.clock, ground.observer
    table, keys, usage = SubscriptionTable(database), KeyTable(database), UsageTable(database)
    billing = ManualBilling(ground.settings.mail.sender)
    subscriptions = Subscriptions(table, billing, clock, observer)
    api_keys = ApiKeys(keys, clock, ground.chance, observer)
    return PlansRoom(
        subscriptions=subscriptions,
        api_keys=api_keys,
        quotas=Quotas(usage, clock),
        renewals=Renewals(table, keys, usage, clock, observer),
        entitlements=Entitlements(database),
        administration=Administration(
            PeopleTable(database),
            PostgresAuditTrail(database),
            api_keys,
            subscriptions,
            clock,
            observer,
        ),
        export=PlansExport(table, keys, usage),
    )
