"""Start the offline cloud with the current templates, and fill the catalogue and the stock."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.demo.sample_orders import CURRENCY
from cli.demo.synthesis import current_assembly
from infrastructure.names import Names
from pocketcloud.cloud import OfflineCloud
from pocketcloud.cloudformation.errors import AssemblyError, DeployError
from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.virtual_time.latency import Latency


def offline_cloud(
    *,
    seed: int,
    start_at: datetime | None,
    latency: Latency = Latency.PUBLISHED,
    assembly: Path | None = None,
) -> OfflineCloud:
    """Deploy an assembly into an offline cloud: by default `cdk.out`, synthesized if it is out of date."""
    try:
        folder = assembly or current_assembly()
        return OfflineCloud.start(seed=seed, assembly=folder, start_at=start_at, latency=latency)
    except AssemblyError as error:
        # The last line of a traceback; `make synth` shows all of it.
        raise CommandError(
            f"cdk.out cannot be used: {str(error).splitlines()[-1]}",
            hint="Run `make synth`, and fix the error that it prints.",
            code=ExitCode.NOT_SYNTHESISED,
        ) from error
    except (DeployError, UnsupportedOfflineError) as error:
        raise CommandError(
            f"cdk.out cannot be deployed offline: {error}",
            hint="The offline cloud rejects what it does not support; see docs/architecture.md.",
            code=ExitCode.NOT_DEPLOYED,
        ) from error


def deployed_names(outputs: Mapping[str, str]) -> Names:
    """Return the names of the deployed stage, by the platform's outputs."""
    stage = outputs["IngressBusName"].removeprefix("orderbus-").removesuffix("-ingress-bus")
    return Names(stage)


def seed(cloud: OfflineCloud, names: Names, prices: Mapping[str, int], stock: Mapping[str, int]) -> None:
    """Write the prices to the catalogue, and the quantities to the stock."""
    dynamodb = cloud.client("dynamodb")
    for sku, price in prices.items():
        row = {"sku": {"S": sku}, "unit_price": {"N": str(price)}, "currency": {"S": CURRENCY}}
        dynamodb.put_item(TableName=names.of("catalogue"), Item=row)
    for sku, available in stock.items():
        row = {"sku": {"S": sku}, "available": {"N": str(available)}}
        dynamodb.put_item(TableName=names.of("stock"), Item=row)
