"""The caching patches change no results: compare every update with moto alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from pocketcloud import OfflineCloud

TABLE = "things"
KEY = {"pk": {"S": "a"}}
ROW = {
    **KEY,
    "n": {"N": "3"},
    "words": {"L": [{"S": "x"}, {"S": "y"}]},
    "map": {"M": {"b": {"N": "1"}}},
    "set": {"SS": ["p", "q"]},
}
NAMES = {"#n": "n", "#map": "map", "#b": "b"}
VALUES: dict[str, Any] = {
    ":one": {"N": "1"},
    ":text": {"S": "t"},
    ":list": {"L": [{"S": "z"}]},
    ":p": {"SS": ["p"]},
    ":empty": {"S": ""},
}
UPDATES = [
    "SET #n = #n + :one",
    "SET #n=#n-:one, other = :text",
    "SET #map.#b = :text REMOVE words[0]",
    "SET words = list_append(words, :list), #n = if_not_exists(#n, :one)",
    "SET missing = if_not_exists(missing, :one)",
    "ADD #n :one DELETE #set :p",
    "REMOVE #map.#b, words[0], words[1]",
    "SET #n = :one SET other = :one",
    "SET #n = :one, #n = :text",
    "SET n = n, other = n - :one, more = if_not_exists(gone, :text)",
    "SET other = if_not_exists(words, :list), more = if_not_exists(gone, n) REMOVE n",
    "SET more = if_not_exists(n, :one) + :one",
    "SET more = if_not_exists(gone, :one) - :one ADD #n :one REMOVE gone",
    "SET more = if_not_exists(n, :gone)",
    "SET more = :gone",
    "SET more = gone",
    "SET other = set, more = map ADD fresh :one",
    "ADD words :one",
    "ADD #n :text",
    "ADD #n :p",
    "ADD #n :one, n :one",
    "SET #n = :one REMOVE n",
    "SET name = :one",
    "REMOVE n, words, map, gone",
    "REMOVE n REMOVE words",
    "SET i = :one",
    "SET i = :text",
    "SET i = :empty",
    "SET pk = :text",
    "SET #n = nowhere + :one",
    "SET #n = :text + :one",
    "SET #map.x.y = :one",
    "SET #n = ",
    "",
]
Case = tuple[str, str | None]
CONDITIONS = [
    "attribute_exists(pk)",
    "attribute_not_exists(pk) OR #n >= :one",
    "NOT (#n < :one) AND #map.#b = :one",
    "#n BETWEEN :one AND :one",
    "#n IN (:one, :text)",
    "begins_with(pk, :text)",
    "size(words) > :one",
    "#n = ",
    "pk pk",
]


def used(names: dict[str, Any], text: str) -> dict[str, Any]:
    return {name: value for name, value in names.items() if name in text}


def outcome(client: Any, update: str, condition: str | None) -> object:
    """Return the response and the row, twice: the second run uses the cache."""
    results = []
    for _ in range(2):
        client.put_item(TableName=TABLE, Item=ROW)
        text = f"{update} {condition or ''}"
        names = used({**NAMES, "#set": "set"}, text)
        request = {
            "UpdateExpression": update,
            **({"ConditionExpression": condition} if condition else {}),
            **({"ExpressionAttributeNames": names} if names else {}),
            **({"ExpressionAttributeValues": values} if (values := used(VALUES, text)) else {}),
        }
        try:
            response = client.update_item(TableName=TABLE, Key=KEY, ReturnValues="ALL_NEW", **request)
            results.append(("done", response["Attributes"]))
        except (ClientError, ValueError) as error:  # moto raises ValueError for invalid conditions
            results.append((type(error).__name__, str(error)))
        results.append(client.get_item(TableName=TABLE, Key=KEY)["Item"])
    return results


@contextmanager
def clients(*, offline: bool) -> Iterator[Any]:
    """Return a DynamoDB client with a table, of moto alone or of the offline cloud."""
    with OfflineCloud() if offline else mock_aws() as where:
        client = (
            where.client("dynamodb")
            if isinstance(where, OfflineCloud)
            else boto3.client("dynamodb", "eu-west-1")
        )
        client.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "i", "AttributeType": "S"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-i",
                    "KeySchema": [{"AttributeName": "i", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


def cases() -> list[Case]:
    return [*((update, None) for update in UPDATES), *((UPDATES[0], condition) for condition in CONDITIONS)]


@pytest.fixture(scope="module")
def outcomes() -> list[dict[Case, Any]]:
    """The result of each case on moto alone and in the offline cloud."""
    found = []
    for offline in (False, True):
        with clients(offline=offline) as client:
            found.append({case: outcome(client, *case) for case in cases()})
    return found


@pytest.mark.parametrize("case", cases(), ids=str)
def test_update_has_the_same_result_as_in_moto(case: Case, outcomes: list[dict[Case, Any]]) -> None:
    alone, offline = outcomes
    assert offline[case] == alone[case]


def test_cases_cover_success_failed_conditions_and_invalid_expressions(
    outcomes: list[dict[Case, Any]],
) -> None:
    alone, _ = outcomes
    assert {results[0][0] for results in alone.values()} == {
        "done",
        "ClientError",
        "ConditionalCheckFailedException",
        "ValueError",
    }
