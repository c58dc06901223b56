"""The served API responds to any request as its OpenAPI document says, and never with a failure.

https://schemathesis.readthedocs.io; EXAMPLES=2000 looks further.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_profile import examples
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from openapi.document import document
from openapi.routes import OPERATIONS
from pocketcloud import OfflineCloud
from pocketcloud.apigateway.http_api import HttpApi
from pocketcloud.serving.wsgi import http_endpoint
from tests.workflow.shop import PREFIX, Shop, an_order

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

EXAMPLES = examples(12)
"""For each route and kind of data."""

load_all_checks()
RESPONSE_CHECKS = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "missing_required_header",
    ]
)
CASES = [
    pytest.param(route, kind, id=f"{route} {kind}")
    for route, operation in OPERATIONS.items()
    for kind in GenerationMode
    if not operation.for_operators  # a stage without the ordered stream: tests/workflow/test_analytics_api.py
    if kind is GenerationMode.POSITIVE or operation.request or operation.parameters
]
"""Every route with data that it asks for, and with data that it refuses where it asks for any."""

looking = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def contract(deployed: OfflineCloud) -> Any:
    """The document, with the cloud's front behind it.

    Every request has a sound token, so that the rest of it is looked at: test_http_front.py has the others.
    """
    described = document()
    for item in described["paths"].values():
        for operation in item.values():
            del operation["security"]
    schema = schemathesis.openapi.from_dict(described)
    front = http_endpoint(HttpApi(deployed), deployed.lock)

    def with_whole_target(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        # werkzeug's client leaves the query out of RAW_URI, where a server puts the whole request target.
        query = environ["QUERY_STRING"]
        return front(environ | {"RAW_URI": environ["RAW_URI"] + (f"?{query}" if query else "")}, start)

    schema.app = with_whole_target
    return schema


def operation_of(contract: Any, route: str) -> Any:
    method, path = route.split(" ")
    return contract[path][method]


@pytest.mark.parametrize(("route", "kind"), CASES)
def test_every_response_conforms_to_the_openapi_document(
    route: str, kind: GenerationMode, contract: Any, shop: Shop
) -> None:
    order_id = shop.place(an_order(), key="k0")
    token = shop.cloud.token("ada")
    seen: set[int] = set()

    @looking
    @given(data=st.data())
    def responds(data: st.DataObject) -> None:
        case = data.draw(operation_of(contract, route).as_strategy(generation_mode=kind))
        if kind is GenerationMode.POSITIVE and data.draw(st.booleans()):
            let_it_mean_something(case, order_id)
        before = decisions(shop)
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(response, checks=RESPONSE_CHECKS)
        assert b"Traceback" not in response.content
        seen.add(response.status_code)
        if response.status_code >= 400:
            assert decisions(shop) == before

    responds()
    if kind is GenerationMode.POSITIVE:
        assert OPERATIONS[route].success in seen


def let_it_mean_something(case: Any, order_id: str) -> None:
    """Let a sound request name what there is: an order of the caller's, or a SKU that we sell."""
    if "id" in case.path_parameters:
        case.path_parameters["id"] = order_id
    if isinstance(case.body, dict):
        case.body["lines"] = [{"sku": "CUP", "quantity": case.body["lines"][0]["quantity"]}]
        case.body.pop("total", None)


def decisions(shop: Shop) -> int:
    """Return the number of rows of the event log."""
    found: int = shop.cloud.client("dynamodb").scan(TableName=f"{PREFIX}-event-log", Select="COUNT")["Count"]
    return found
