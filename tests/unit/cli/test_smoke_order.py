"""The synthetic order of `orderbus smoke` is in the sample of logs, however small."""

from typing import Any
from unittest.mock import Mock

import pytest

from cli.core.account import Account
from cli.smoke.synthetic_order import SyntheticOrder
from functions.shared.contracts.log_sample import sample_position

NUMBER = "123456789012"


@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_order_is_logged_when_three_of_a_thousand_are(seed: str) -> None:
    tokens: Any = Mock()
    tokens.get_caller_identity.return_value = {"Account": NUMBER}
    account = Mock(spec=Account)
    account.client.return_value = tokens
    order, again = (SyntheticOrder.of(account, seed=seed) for _ in range(2))
    assert order == again
    assert sample_position(order.order_id, salt=NUMBER) < 0.003
