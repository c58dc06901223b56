"""The orders API's handler: its routes."""

from functions.orders.cancellation import cancel_order
from functions.orders.contract import show_contract
from functions.orders.placement import place_order, show_order
from functions.orders.tracing import API
from functions.shared.runtime.api import Routes, api

ROUTES: Routes = {
    "POST /orders": place_order,
    "GET /orders/{id}": show_order,
    "POST /orders/{id}/cancellation": cancel_order,
    "GET /openapi.json": show_contract,
}

handle = api(API, ROUTES)
