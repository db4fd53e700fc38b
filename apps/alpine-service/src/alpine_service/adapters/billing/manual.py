"""Payments by agreement: staff record what came in."""

from attrs import frozen

from alpine_service.domain.plans.plan import PLANS
from alpine_service.ports.plans import HowToPay

PROVIDER = "manual"


@frozen
class ManualBilling:
    """Keeps the port `Billing`; there is nobody outside to ask. `contact` is where to write to."""

    contact: str
    provider: str = PROVIDER

    async def how_to_pay(self, user_id: str, plan: str) -> HowToPay:
        cents = PLANS[plan].monthly_cents
        price = f"{cents // 100}.{cents % 100:02}"
        words = (
            f"30 days of {plan} are {price}. Write to {self.contact} and name {user_id};"
            " the plan runs once the payment is recorded."
        )
        return HowToPay(words)
