"""The procedure of docs/releases.md that changes a table's key: expand, fill, switch, contract."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import PATHS, ROOT
from cli.demo.synthesis import current_assembly
from infrastructure.orderbus import ORDERBUS
from infrastructure.services import Service, Topology
from infrastructure.synthesis import synthesise
from infrastructure.tables import Table
from infrastructure.topology import SERVICES, TOPOLOGY
from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import DeployError
from tests.assemblies import link_assets, settings_of_stages
from tests.infrastructure.build_folder import build_folder
from tests.workflow.command_line import orderbus
from tests.workflow.shop import Shop, an_order

OLD, NEW = "sales", "sales-by-order"
CHANGED = Table(name=NEW, partition_key="order_id", sort_key="day")
WRITER = Path("functions", "views", "rows_of_batch.py")
LEFT = "        left = [*self._rows.values()]\n"
ALSO = """\
        also = [row for row in left if row.table == required("SALES_TABLE")]
        left += [ViewRow(required("SALES_BY_ORDER_TABLE"), row.item) for row in also]
"""
BOTH = (LEFT, LEFT + ALSO)
NEW_ONLY = ('"SALES_TABLE"', '"SALES_BY_ORDER_TABLE"')


def views_with(*tables: Table) -> Topology:
    """Return the topology in which views has listings and these tables, and writes to them."""

    def changed(service: Service) -> Service:
        if service.name != "views":
            return service
        consumer = service.functions[0]
        uses = dict.fromkeys(("listings", *(table.name for table in tables)), ("BatchWriteItem",))
        functions = (replace(consumer, uses=uses), *service.functions[1:])
        return replace(service, tables=(service.tables[0], *tables), functions=functions)

    return replace(TOPOLOGY, services=tuple(changed(service) for service in TOPOLOGY.services))


def release(folder: Path, topology: Topology, *edits: tuple[str, str]) -> Path:
    """Return the assembly of a release with this topology, and these edits of the code."""
    shutil.copytree(ROOT / "functions", folder / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "schemas").symlink_to(ROOT / "schemas")
    text = (folder / WRITER).read_text()
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    (folder / WRITER).write_text(text)
    bundles = replace(ORDERBUS.bundles, code_root=folder, build=build_folder(folder))
    application = replace(ORDERBUS, topology=topology, bundles=bundles)
    context = {**settings_of_stages(), **PATHS}
    link_assets(folder / "assembly", current_assembly())
    synthesise(folder / "assembly", context=context, application=application, is_validated=False)
    return folder / "assembly"


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A stage of the committed version, with two sales."""
    with OfflineCloud.start() as cloud:
        monkeypatch.setattr("cli.replay.commands.sleep", lambda seconds: cloud.advance(seconds=seconds))
        shop = Shop(cloud)
        shop.open()
        sell(shop, "before-1")
        sell(shop, "before-2")
        yield shop


def sell(shop: Shop, key: str) -> None:
    shop.place(an_order(), key=key)
    shop.cloud.settle()


def sales(shop: Shop, table: str) -> set[tuple[str, str]]:
    return {(row["day"], row["order_id"]) for row in shop.rows(table)}


def test_table_gets_another_key_while_orders_arrive(shop: Shop, tmp_path: Path) -> None:
    (old_table,) = (each for service in SERVICES for each in service.tables if each.name == OLD)
    shop.cloud.deploy(release(tmp_path / "expand", views_with(old_table, CHANGED), BOTH))
    sell(shop, "meanwhile")
    assert len(sales(shop, NEW)) == 1

    code, _, err = orderbus("replay", "views", "--since", "1h", "--until", "0s", "--yes")
    assert code == 0, err
    shop.cloud.settle()
    assert sales(shop, NEW) == sales(shop, OLD)
    assert len(sales(shop, NEW)) == 3

    shop.cloud.deploy(release(tmp_path / "switch", views_with(old_table, CHANGED), NEW_ONLY))
    sell(shop, "after")
    assert len(sales(shop, NEW)) == 4
    assert len(sales(shop, OLD)) == 3

    shop.cloud.deploy(release(tmp_path / "contract", views_with(CHANGED), NEW_ONLY))
    sell(shop, "alone")
    assert len(sales(shop, NEW)) == 5
    assert shop.dead_letters("views") == []


def test_key_is_not_changed_in_place(shop: Shop, tmp_path: Path) -> None:
    in_place = replace(CHANGED, name=OLD)
    with pytest.raises(DeployError, match="custom-named resource requires replacing"):
        shop.cloud.deploy(release(tmp_path / "wrong", views_with(in_place)))
    assert len(sales(shop, OLD)) == 2
