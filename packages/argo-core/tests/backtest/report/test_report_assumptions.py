from decimal import Decimal

import pytest

from argo_core.backtest.bars.plan import RULES_VERSION, BarLimits, Costs, Exits, Plan
from argo_core.backtest.report.assumptions import assumptions
from argo_core.trading.paper.fees import NO_FEES, FeeSchedule


def told(plan: Plan) -> dict[str, str]:
    return {one.topic: one.text for one in assumptions(plan)}


def test_everything_of_the_default_plan_is_said_with_its_number() -> None:
    said = told(Plan())
    assert said["Rules"].startswith(f"Version {RULES_VERSION}")
    assert said["Capital"].startswith("$100,000.00")
    assert said["Spread"].startswith("0.02%")
    assert said["Slippage"].startswith("0.01%")
    assert "10% of a bar's volume" in said["Participation"]
    assert said["Borrowing"].startswith("3% a year")
    assert said["Fees"].startswith("No commission. On sales $20.60 a million dollars")
    assert said["Risk of a trade"] == "At most 0.5% of equity from entry to stop."
    assert said["Size of an order"] == "At most $50,000.00 and 5% of equity."
    assert said["Positions"] == "At most 10 at once."
    assert said["Cooldown"] == "15 minutes after a position, 1 hour after a stop."
    assert said["Drawdown"].endswith("10% below the highest equity.")
    assert said["Short selling"] == "Not allowed."
    assert said["Horizon"].startswith("A position ends 1 hour")


def test_what_is_switched_off_says_so() -> None:
    limits = BarLimits(
        risk_ppm=0,
        order_ppm=0,
        adv_ppm=0,
        symbol_ppm=0,
        gross_ppm=0,
        collar_ppm=0,
        daily_loss_ppm=0,
        drawdown_ppm=0,
        short_selling=True,
    )
    costs = Costs(spread_ppm=0, slippage_ppm=0, participation_ppm=0, borrow_ppm=0, fees=NO_FEES)
    exits = Exits(stops=False, targets=False, horizon_s=0, trail_ppm=5_000, hold_closes=True)
    said = told(Plan(limits=limits, costs=costs, exits=exits))
    off = ["Risk of a trade", "Share of trading", "Share of a symbol", "Gross exposure"]
    off += ["Collar", "Daily loss", "Drawdown", "Stops", "Targets", "Trailing stop"]
    assert {said[one] for one in off} == {"OFF."}
    assert said["Size of an order"] == "At most $50,000.00."
    assert said["Participation"].startswith("OFF")
    assert said["Horizon"].startswith("OFF")
    assert said["Spread"].startswith("NONE")
    assert said["Slippage"].startswith("NONE")
    assert said["Borrowing"] == "FREE."
    assert said["Fees"] == "No commission; no regulators' fees."
    assert said["Short selling"] == "Allowed."
    assert said["Exit by signal"].endswith("or to hold.")


def test_a_commission_and_a_trail_are_told() -> None:
    fees = FeeSchedule(per_share=Decimal("0.0050"), minimum=Decimal("1.00"))
    said = told(Plan(costs=Costs(fees=fees), exits=Exits(trail_ppm=50_000)))
    assert said["Fees"].startswith("Commission $0.005 a share, at least $1.")
    assert said["Trailing stop"] == "Follows the best price at 5%."


@pytest.mark.parametrize("word", ["sector", "order", "quote", "dividend", "impact", "halt"])
def test_rules_that_bars_cannot_tell_are_named_as_not_applied(word: str) -> None:
    left = [one for one in assumptions(Plan()) if not one.applied]
    assert any(word in f"{one.topic} {one.text}".lower() for one in left)
