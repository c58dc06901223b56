"""Cache or simplify computations that moto repeats on every request with the same result."""

import base64
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from math import isqrt
from types import ModuleType
from typing import Any

import moto.backends
import moto.cognitoidp.models
import moto.core.utils
from botocore.model import Shape
from joserfc.jwk import RSAKey
from moto.backends import list_of_moto_modules
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.core.common_models import BaseModel
from moto.core.loaders import Loader, create_loader
from moto.core.serialize import DEFAULT_ALIAS_PROVIDERS, AttributePickerContext, XFormedAttributePicker
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.parsing import ast_nodes, expressions
from moto.moto_api._internal.moto_random import MotoRandom
from moto.utilities.utils import load_resource

from pocketcloud.dynamodb import conditions
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch, MotoPatchError

# moto excludes these modules from type checking, so mypy sees no types in them.
_Node: Any = vars(ast_nodes)["Node"]
_Traverser: Any = vars(ast_nodes)["DepthFirstTraverser"]
_UpdateParser: Any = vars(expressions)["UpdateExpressionParser"]
_MAX_EXPRESSIONS = 1_000
_KEY = "cognitoidp/resources/jwks-private.json"


def patches() -> list[MotoPatch]:
    """Return the patches that make moto faster without changing its results."""
    return [
        *_backend_lookups(),
        _condition_parser(),
        _update_parser(),
        _update_traversal(),
        *signing_key(),
        _untracked_models(),
        _random_hex(),
        _model_loader(),
        _module_list(),
        _attribute_names(),
        *_key_patches(),
    ]


def _backend_lookups() -> list[MotoPatch]:
    """Look an existing backend up as in any dictionary; let moto create the others."""
    of_account, of_region = BackendDict.__getitem__, AccountSpecificBackend.__getitem__

    def account(backends: BackendDict[Any], account_id: str) -> Any:
        # An account with a backend is already on moto's list of accounts to reset, which moto searches.
        found = dict.get(backends, account_id)
        return of_account(backends, account_id) if found is None else found

    def region(backends: AccountSpecificBackend[Any], region_name: str) -> Any:
        found = dict.get(backends, region_name)
        return of_region(backends, region_name) if found is None else found

    get = "__getitem__"
    return [
        MotoPatch(BackendDict, get, "self account_id", account, is_direct=True),
        MotoPatch(AccountSpecificBackend, get, "self region_name", region, is_direct=True),
    ]


def _condition_parser() -> MotoPatch:
    def parsed(parser: ConditionExpressionParser, _: Call) -> object:
        return conditions.parse(parser)

    return MotoPatch(ConditionExpressionParser, "parse", "self", parsed)


def _update_parser() -> MotoPatch:
    original: Callable[[str], object] = _UpdateParser.make

    # Sharing the tree is safe: Validator.__init__ copies it before changing it.
    @lru_cache(_MAX_EXPRESSIONS)
    def parsed(expression: str) -> object:
        return original(expression)

    def make(_: object, call: Call) -> object:
        return parsed(call["expression_str"])

    return MotoPatch(_UpdateParser, "make", "cls expression_str", make)


def _update_traversal() -> MotoPatch:
    @cache
    def is_one_of(kind: Any, kinds: Any) -> bool:
        return issubclass(kind, kinds)

    def traverse(traverser: Any, call: Call) -> object:
        wanted = tuple(traverser.nodes_to_be_processed())

        def walk(node: Any, position: int = -1) -> object:
            kind: Any = type(node)
            if not is_one_of(kind, _Node):
                return node
            parent = node.parent
            for index, child in enumerate(node.children or ()):
                traverser.pre_processing_of_child(node, index)
                walk(child, index)
            if is_one_of(kind, wanted):
                node = traverser.process(node)
                node.parent = parent
                if parent:
                    parent.children[position] = node
            return node

        return walk(call["node"])

    return MotoPatch(_Traverser, "traverse", "self node", traverse)


def _untracked_models() -> MotoPatch:
    """Keep no list of every row, message and rule ever created; moto's dashboard alone reads it."""

    def new(cls: type[Any], *_: object, **__: object) -> Any:
        return object.__new__(cls)

    return MotoPatch(BaseModel, "__new__", "cls args kwargs", staticmethod(new), is_direct=True)


def _model_loader() -> MotoPatch:
    """Use one loader, which lists the folders of botocore's models once."""
    owner: ModuleType = moto.core.utils
    return MotoPatch(owner, "create_loader", "", _loader, is_direct=True)


def _module_list() -> MotoPatch:
    """List moto's folders once: its server does it for every request."""
    return MotoPatch(moto.backends, "list_of_moto_modules", "", _modules, is_direct=True)


@cache
def _modules() -> tuple[str, ...]:
    return tuple(list_of_moto_modules())


@cache
def _loader() -> Loader:
    return create_loader()


def _attribute_names() -> MotoPatch:
    """Remember where moto looks for each field of a response, which it derives for every object again."""
    original = XFormedAttributePicker.get_possible_keys
    known: dict[tuple[str, type, Shape], tuple[str, ...]] = {}

    def get_possible_keys(picker: XFormedAttributePicker, context: AttributePickerContext) -> Iterable[str]:
        if picker.alias_providers is not DEFAULT_ALIAS_PROVIDERS:
            return original(picker, context)
        field = (context.key, type(context.obj), context.shape)
        if field not in known:
            known[field] = tuple(dict.fromkeys(original(picker, context)))
        return known[field]

    return MotoPatch(
        XFormedAttributePicker, "get_possible_keys", "self context", get_possible_keys, is_direct=True
    )


def _random_hex() -> MotoPatch:
    """Draw all digits at once; moto chooses each from a list."""

    def get_random_hex(chance: MotoRandom, length: int = 8) -> str:
        return f"{chance.getrandbits(4 * length):0{length}x}"

    return MotoPatch(MotoRandom, "get_random_hex", "self length", get_random_hex, is_direct=True)


def _key_patches() -> list[MotoPatch]:
    """Compare texts, which nearly all keys are, without moto's search for the type of each value."""
    original_hash, original_equal = DynamoType.__hash__, DynamoType.__eq__

    def hashed(value: DynamoType) -> int:
        return hash(("S", value.value)) if value.type == "S" else original_hash(value)

    def equal(value: DynamoType, other: DynamoType) -> bool:
        if value.type == "S" == other.type:
            return bool(value.value == other.value)
        return original_equal(value, other)

    return [
        MotoPatch(DynamoType, "__hash__", "self", hashed, is_direct=True),
        MotoPatch(DynamoType, "__eq__", "self other", equal, is_direct=True),
    ]


def signing_key() -> list[MotoPatch]:
    """Return the patches of the key that signs the tokens of user pools, which OpenSSL checks for 0.1 s."""
    owner: ModuleType = moto.cognitoidp.models
    original: Callable[[str], Any] = vars(owner)["load_resource"]
    import_key: Callable[[Any], Any] = RSAKey.binding.import_private_key

    def load(resource: str, _: Call) -> Any:
        return _with_primes() if resource == _KEY else original(resource)

    def imported(_: object, call: Call) -> Any:
        key = call["obj"]
        return _private_key(import_key) if key == _with_primes() else import_key(key)

    return [
        MotoPatch(owner, "load_resource", "resource", load),
        MotoPatch(RSAKey.binding, "import_private_key", "cls obj", imported),
    ]


@lru_cache(1)
def _private_key(import_key: Callable[[Any], Any]) -> Any:
    return import_key(_with_primes())


@cache
def _with_primes() -> dict[str, Any]:
    """Add the prime factors to the token signing key; importing it without them takes half a second."""
    key: dict[str, Any] = load_resource(_KEY)
    modulus, exponent, private = (_decoded(key[name]) for name in ("n", "e", "d"))
    p, q = _factors(modulus, exponent * private - 1)
    numbers = {"p": p, "q": q, "dp": private % (p - 1), "dq": private % (q - 1), "qi": pow(q, -1, p)}
    return {**key, **{name: _encoded(number) for name, number in numbers.items()}}


def _factors(modulus: int, multiple: int) -> tuple[int, int]:
    """Factor an RSA modulus, given the product of both exponents minus one.

    It is a multiple of (p-1)(q-1) divided by a small number, and (p-1)(q-1) determines p + q.
    """
    for divisor in range(1, 100):
        totient, rest = divmod(multiple * divisor, multiple * divisor // modulus + 1)
        total = modulus - totient + 1
        root = isqrt(max(total * total - 4 * modulus, 0))
        p, q = (total + root) // 2, (total - root) // 2
        if rest == 0 and p * q == modulus:
            return p, q
    raise MotoPatchError("moto's token signing key is not an RSA key of two primes")


def _decoded(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def _encoded(number: int) -> str:
    """Encode a number for a JSON Web Key: https://www.rfc-editor.org/rfc/rfc7518#section-6.3."""
    octets = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
