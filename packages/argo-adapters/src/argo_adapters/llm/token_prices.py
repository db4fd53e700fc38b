"""What a language model's answer costs when the vendor does not say."""

from decimal import Decimal

from attrs import Attribute, field, frozen

from argo_core.errors import InvalidSetting

MILLION = Decimal(1_000_000)


def _not_negative(_instance: object, attribute: "Attribute[Decimal]", value: Decimal) -> None:
    if not value.is_finite() or value < 0:
        raise InvalidSetting(attribute.name, f"{value} is not a price", "give dollars, 0 or more")


@frozen
class TokenPrices:
    """US dollars per million tokens, and per single `search`."""

    fresh: Decimal = field(validator=_not_negative)
    cached: Decimal = field(validator=_not_negative)
    output: Decimal = field(validator=_not_negative)
    search: Decimal = field(default=Decimal(0), validator=_not_negative)

    def usd(self, *, fresh: int, cached: int = 0, output: int, searches: int = 0) -> Decimal:
        """The dollars for that many tokens and searches; `fresh` are input tokens not cached."""
        tokens = fresh * self.fresh + cached * self.cached + output * self.output
        return tokens / MILLION + searches * self.search
