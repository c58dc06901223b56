"""EventBridge Pipes: moto stores pipes; `Pipes` runs them."""

from moto.pipes.exceptions import ConflictException
from moto.pipes.models import EventBridgePipesBackend, Pipe

from pocketcloud.core.engine import Engine
from pocketcloud.eventbridge.pipe_options import check_pipe, check_stream
from pocketcloud.eventbridge.pipes import Pipes
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch

_CREATE = (
    "self name description desired_state source source_parameters enrichment enrichment_parameters target"
    " target_parameters role_arn tags log_configuration kms_key_identifier"
)
_UPDATE = (
    "self name role_arn description desired_state source_parameters enrichment enrichment_parameters target"
    " target_parameters log_configuration kms_key_identifier"
)


def patches(engine: Engine, pipes: Pipes) -> list[MotoPatch]:
    """Return the patches to moto's EventBridge Pipes."""
    create, update = EventBridgePipesBackend.create_pipe, EventBridgePipesBackend.update_pipe
    delete = EventBridgePipesBackend.delete_pipe

    def create_pipe(backend: EventBridgePipesBackend, call: Call) -> Pipe:
        check_pipe(call)
        if call["name"] in backend.pipes:
            raise ConflictException(f"Pipe {call['name']} already exists.")
        check_stream(call, engine, pipes.streams)
        pipe = create(backend, **call)
        pipes.add(pipe)
        return pipe

    def update_pipe(backend: EventBridgePipesBackend, call: Call) -> Pipe:
        if call["name"] in backend.pipes:
            stored = backend.pipes[call["name"]]
            target = call["target"] or stored.target
            check_pipe({**call, "source": stored.source, "target": target})
        return update(backend, **call)

    def delete_pipe(backend: EventBridgePipesBackend, call: Call) -> Pipe:
        deleted = delete(backend, call["name"])
        pipes.remove(call["name"])
        return deleted

    return [
        MotoPatch(EventBridgePipesBackend, "create_pipe", _CREATE, create_pipe),
        MotoPatch(EventBridgePipesBackend, "update_pipe", _UPDATE, update_pipe),
        MotoPatch(EventBridgePipesBackend, "delete_pipe", "self name", delete_pipe),
    ]
