"""The table of the rules is complete, so what is written of it is."""

from decimal import Decimal

from argo_core.trading.denial import Denial
from argo_core.trading.limits import RiskLimits
from argo_core.trading.risk.rows import rows
from argo_core.trading.risk.table import RULES


def test_every_denial_is_some_rules():
    assert {denial for rule in RULES for denial in rule.denials} == set(Denial)


def test_every_limit_is_some_rules():
    assert {name for rule in RULES for name in rule.settings} == set(RiskLimits.names())


def test_every_rule_has_a_name_of_its_own():
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_a_row_says_what_is_bounded_by_how_much_why_and_for_whom():
    (row,) = [row for row in rows() if row.rule == "order_value"]
    assert row.settings == (("order_cap", "50000"), ("order_share", "0.05"))
    assert row.denials == (("ORDER_VALUE", "The order is worth more than one order may be."),)
    assert row.source == "SEC 15c3-5(c)(1)(ii); FIA 2024, maximum order size"
    assert row.unit == "money"
    assert row.applies_to == "orders that do not only shrink a position"
    assert row.bounds.endswith(".")


def test_rows_show_the_limits_they_are_given():
    (row,) = [row for row in rows(RiskLimits(collar=Decimal("0.03"))) if row.rule == "collar"]
    assert row.settings == (("collar", "0.03"),)


def test_spans_are_seconds_and_flags_are_words():
    shown = {name: value for row in rows() for name, value in row.settings}
    assert shown["stops_rest"] == "14400"
    assert shown["short_selling"] == "false"
    assert shown["positions"] == "10"


def test_one_rule_is_for_every_order():
    assert [row.rule for row in rows() if row.applies_to == "every order"] == ["closing"]
