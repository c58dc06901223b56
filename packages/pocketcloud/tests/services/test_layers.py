from importlib.metadata import version

import pytest
from small_world import World, zipped

from pocketcloud.awslambda.layers import LayerMismatchError


def layered(world: World, *folders: str) -> None:
    """A function with a layer that holds these distributions."""
    content = zipped({f"python/{folder}.dist-info/METADATA": "" for folder in folders})
    layer = world.cloud.client("lambda").publish_layer_version(LayerName="l", Content={"ZipFile": content})
    world.function("f", "def handle(event, context): return 1", Layers=[layer["LayerVersionArn"]])


def test_a_layer_with_the_versions_that_are_installed_here_is_fine(world: World) -> None:
    layered(
        world, f"msgspec-{version('msgspec')}", f"aws_lambda_powertools-{version('aws-lambda-powertools')}"
    )
    assert world.cloud.invoke("f", {}).payload == 1


def test_a_layer_with_another_version_is_refused_by_name(world: World) -> None:
    layered(world, "msgspec-0.0.1", "no_such_package-1.0")
    with pytest.raises(
        LayerMismatchError, match=r"msgspec is .* here, 0\.0\.1 in the layer; no_such_package is not"
    ):
        world.cloud.invoke("f", {})
