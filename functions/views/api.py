"""The views API's handler: its routes."""

from functions.shared.runtime.api import Routes, api
from functions.views.listing import list_orders

ROUTES: Routes = {"GET /orders": list_orders}

handle = api("views-api", ROUTES)
