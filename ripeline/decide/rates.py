"""Rates: what the product costs, and what money is worth elsewhere; playbook/rates.toml as values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from ripeline.decide.entry import Entry
from ripeline.decide.market import CURRENCY, Market

_CENT = Decimal("0.01")

Amount = Annotated[Decimal, Field(gt=0, le=10**12)]


class Price(Entry):
    """The list price, in the currency in which it is set."""

    amount: Amount
    currency: str = Field(pattern=CURRENCY)


class Rates(Entry):
    """All of playbook/rates.toml. rates: how many units of each currency one unit of the price's currency is worth."""

    price: Price | None = None
    rates: Mapping[Annotated[str, Field(pattern=CURRENCY)], Amount] = Field(default_factory=dict)

    def price_in(self, market: Market | None) -> Decimal | None:
        """Return the price in a market's currency, to the hundredth: its own list price, or by the rate. None: there is no price, currency or rate."""
        if market is None or market.money is None:
            return None
        if market.money.price is not None:
            return market.money.price
        rate = self._rate(market.money.currency)
        return (self.price.amount * rate).quantize(_CENT) if self.price and rate else None

    def lacks(self, market: Market) -> bool:
        """Return whether letters could name no price in this market though there is one."""
        return self.price is not None and market.money is not None and self.price_in(market) is None

    def _rate(self, currency: str) -> Decimal | None:
        return Decimal(1) if self.price and currency == self.price.currency else self.rates.get(currency)
