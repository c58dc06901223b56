"""The rules as data."""

from collections.abc import Mapping

from functions.contracts.values import Currency
from functions.fraud.domain import Rules

# About 5,000 euro and 500 euro, rounded in each currency; yen have no minor unit.
_LARGE: Mapping[Currency, int] = {
    "AUD": 800_000,
    "CAD": 750_000,
    "CHF": 500_000,
    "DKK": 3_750_000,
    "EUR": 500_000,
    "GBP": 450_000,
    "JPY": 800_000,
    "NOK": 5_750_000,
    "NZD": 900_000,
    "PLN": 2_150_000,
    "SEK": 5_750_000,
    "USD": 550_000,
}

RULES = Rules(
    orders_in_an_hour=20,
    amount=_LARGE,
    amount_to_a_new_country={currency: limit // 10 for currency, limit in _LARGE.items()},
    # High-risk jurisdictions subject to a call for action (2025): Iran, North Korea, Myanmar.
    # https://www.fatf-gafi.org/en/topics/high-risk-and-other-monitored-jurisdictions.html
    risky_countries=frozenset({"IR", "KP", "MM"}),
)
