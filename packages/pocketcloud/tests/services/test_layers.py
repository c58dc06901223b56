from importlib.metadata import version

import pytest
from small_world import World, zip_files

from pocketcloud.awslambda.layers import LayerMismatchError


def layered(world: World, *folders: str) -> None:
    """Create a function with a layer of these distributions."""
    content = zip_files({f"python/{folder}.dist-info/METADATA": "" for folder in folders})
    layer = world.cloud.client("lambda").publish_layer_version(LayerName="l", Content={"ZipFile": content})
    world.function("f", "def handle(event, context): return 1", Layers=[layer["LayerVersionArn"]])


def test_layer_with_installed_versions_is_accepted(world: World) -> None:
    layered(
        world, f"msgspec-{version('msgspec')}", f"aws_lambda_powertools-{version('aws-lambda-powertools')}"
    )
    assert world.cloud.invoke("f", {}).payload == 1


def test_layer_with_another_version_is_rejected_by_name(world: World) -> None:
    layered(world, "msgspec-0.0.1", "no_such_package-1.0")
    with pytest.raises(
        LayerMismatchError, match=r"msgspec is .* here, 0\.0\.1 in the layer; no_such_package is not"
    ):
        world.cloud.invoke("f", {})
