"""Prices in the money of a market: its own list price, or the playbook's by a rate that the user may replace."""

from decimal import Decimal

import pytest
from shipped import FILES

from ripeline.decide.market import Market
from ripeline.decide.rates import Rates
from ripeline.playbook.playbook import RATES, examine, parse_playbook
from ripeline.playbook.telling import market_data

TWELVE = Rates.model_validate({"price": {"amount": 12, "currency": "EUR"}, "rates": {"USD": 1.09, "JPY": 163}})


def a_market(**money: object) -> Market:
    return Market.model_validate({"title": "There", "when": "TRUE"} | ({"money": money} if money else {}))


@pytest.mark.parametrize(("market", "expected"), [
    pytest.param(a_market(currency="EUR"), Decimal("12.00"), id="where the price is set"),
    pytest.param(a_market(currency="USD"), Decimal("13.08"), id="by the rate"),
    pytest.param(a_market(currency="JPY", price=1800), Decimal(1800), id="the market's own list price wins"),
    pytest.param(a_market(currency="SAR"), None, id="no rate, no price"),
    pytest.param(a_market(), None, id="no currency, no price"),
    pytest.param(None, None, id="no market, no price"),
])  # fmt: skip
def test_a_price_is_told_in_the_markets_money(market, expected):
    assert TWELVE.price_in(market) == expected


def test_letters_get_it_and_a_market_without_a_rate_is_refused():
    files = FILES

    assert market_data(parse_playbook(files), "sa").price == Decimal("49.08")
    (found,) = examine(files | {RATES: files[RATES].replace("SAR", "AED")}, letters=False)[1]
    assert (found.path, found.what) == ("playbook/markets/sa.toml", "market 'sa': no rate for SAR in playbook/rates.toml, so letters can name no price there.")
