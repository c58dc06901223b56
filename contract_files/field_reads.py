"""Find the fields of facts that a function reads, by following values from its parameters through its code.

A field counts as read where its value is used; a structure used as a whole counts with all its fields. Calls
of functions in `functions` are followed. So the result may name too many fields, but none too few, as long as
facts come from parameters and results with annotations, or from a mapping by their type.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import FunctionType, ModuleType
from typing import Any, get_type_hints

from contract_files.origins import NOTHING, Origin, Origins, is_fact, is_struct, root, roots
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact

Scope = dict[str, Origins]
Reads = set[tuple[str, str]]
"""Pairs of a fact's name and the path of a field."""


def reads_of(function: FunctionType) -> Reads:
    """Return the fields that the function reads of facts in its parameters and of facts that it loads."""
    hints, code = annotations(function), code_of(function)
    scope = {arg.arg: roots(hints.get(arg.arg)) for arg in parameters(code)}
    walk = Walk(function.__globals__)
    walk.use(
        each for each in walk.run(function, scope) if each.path
    )  # a whole fact is for its callers to read
    return walk.reads


@cache
def code_of(function: FunctionType) -> ast.FunctionDef:
    """Return the syntax tree of a function."""
    (code,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(code, ast.FunctionDef), function  # noqa: S101 - reactions are plain functions
    return code


def annotations(function: FunctionType) -> Mapping[str, Any]:
    """Return the types of the parameters and of the result; none where a name is imported for types only."""
    try:
        return get_type_hints(function, include_extras=True)
    except NameError:
        return {}


def parameters(code: ast.FunctionDef) -> list[ast.arg]:
    """Return the parameters in the order of their positions, then the named ones."""
    return [*code.args.posonlyargs, *code.args.args, *code.args.kwonlyargs]


class Walk:
    """One pass over a function and all it calls; `reads` grows."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.reads: Reads = set()
        self._names = names
        self._scope: Scope = {}
        self._returned: set[Origin] = set()
        self._running: set[tuple[FunctionType, tuple[tuple[str, Origins], ...]]] = set()

    def run(self, function: FunctionType, scope: Scope) -> Origins:
        """Walk a function whose parameters have these origins; return those of its result."""
        call = (function, tuple(sorted(scope.items(), key=lambda item: item[0])))
        if call in self._running:
            return NOTHING
        outer = self._names, self._scope, self._returned
        self._names, self._scope, self._returned = function.__globals__, dict(scope), set()
        self._running.add(call)
        for statement in code_of(function).body:
            self._visit(statement)
        returned = frozenset(self._returned) or roots(annotations(function).get("return"))
        self._names, self._scope, self._returned = outer
        self._running.discard(call)
        return returned

    def use(self, origins: Iterable[Origin]) -> None:
        """Note that the values are read as a whole."""
        self.reads |= {(origin.fact, leaf) for origin in origins for leaf in origin.leaves()}

    def _visit(self, node: ast.AST) -> Origins:
        """Walk a statement or an expression; return where its value comes from."""
        special: Callable[[Any], Origins] | None = getattr(self, f"_on_{type(node).__name__.lower()}", None)
        if special:
            return special(node)
        for child in ast.iter_child_nodes(node):
            self.use(self._visit(child))
        return NOTHING

    def _on_name(self, node: ast.Name) -> Origins:
        return self._scope.get(node.id, NOTHING)

    def _on_expr(self, node: ast.Expr) -> Origins:
        self._visit(node.value)
        return NOTHING

    def _on_return(self, node: ast.Return) -> Origins:
        self._returned |= self._visit(node.value) if node.value else NOTHING
        return NOTHING

    def _on_ifexp(self, node: ast.IfExp) -> Origins:
        self.use(self._visit(node.test))
        return self._visit(node.body) | self._visit(node.orelse)

    def _on_assign(self, node: ast.Assign) -> Origins:
        if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
            for target, value in zip(node.targets[0].elts, node.value.elts, strict=True):
                self._bind(target, self._visit(value))
        else:
            self._bind(node.targets[0], self._visit(node.value))
        return NOTHING

    def _bind(self, target: ast.expr, origins: Origins) -> None:
        if isinstance(target, ast.Name):
            self._scope[target.id] = self._scope.get(target.id, NOTHING) | origins
        else:
            self.use(origins)

    def _on_for(self, node: ast.For) -> Origins:
        self._iterate(node)
        for statement in [*node.body, *node.orelse]:
            self._visit(statement)
        return NOTHING

    def _on_comprehension(self, node: ast.comprehension) -> Origins:
        self._iterate(node)
        for condition in node.ifs:
            self.use(self._visit(condition))
        return NOTHING

    def _iterate(self, node: ast.For | ast.comprehension) -> None:
        arrays = self._visit(node.iter)
        self._bind(node.target, frozenset(each for array in arrays if (each := array.element())))
        self.use(array for array in arrays if array.element() is None)

    def _on_generatorexp(self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp) -> Origins:
        for generator in node.generators:
            self._on_comprehension(generator)
        self.use(self._visit(node.elt))
        return NOTHING

    _on_listcomp = _on_setcomp = _on_generatorexp

    def _on_dictcomp(self, node: ast.DictComp) -> Origins:
        for generator in node.generators:
            self._on_comprehension(generator)
        self.use(self._visit(node.key) | self._visit(node.value))
        return NOTHING

    def _on_compare(self, node: ast.Compare) -> Origins:
        """Read nothing to test whether there is a fact; a test for an optional field reads the field."""
        tests_identity = all(isinstance(each, ast.Is | ast.IsNot) for each in node.ops)
        for each in (node.left, *node.comparators):
            self.use(origin for origin in self._visit(each) if origin.path or not tests_identity)
        return NOTHING

    def _on_match(self, node: ast.Match) -> Origins:
        """Take the class that a case names as the type of its subject."""
        self._visit(node.subject)
        name = node.subject.id if isinstance(node.subject, ast.Name) else ""
        for case in node.cases:
            named = [each for each in ast.walk(case.pattern) if isinstance(each, ast.MatchClass)]
            facts = {each: root(fact) for each in named if (fact := self._fact(each.cls))}
            for each, origin in facts.items():
                self.use(field for attribute in each.kwd_attrs if (field := origin.field(attribute)))
            before = self._scope.get(name, NOTHING)
            self._scope[name] = frozenset(facts.values())
            for statement in case.body:
                self._visit(statement)
            self._scope[name] = before
        return NOTHING

    def _on_attribute(self, node: ast.Attribute) -> Origins:
        """Return the field; for a mapping of facts or an event, what it holds."""
        fields: set[Origin] = set()
        for origin in self._visit(node.value):
            field = origin.field(node.attr)
            if field:
                fields.add(field)
            elif not origin.path and not hasattr(origin.kind, node.attr):
                is_of_event = hasattr(Event, node.attr) and node.attr != "fact"
                fields |= set() if is_of_event else {origin}
            else:
                self._use_member(origin, node.attr)
        return frozenset(fields)

    def _use_member(self, origin: Origin, name: str) -> None:
        """Note what a property reads; a method of text, of a number or of an array reads all of it."""
        member = getattr(origin.kind, name, None)
        if isinstance(member, property) and isinstance(member.fget, FunctionType):
            self.use(self.run(member.fget, {"self": frozenset({origin})}))
        elif not is_struct(origin.kind):
            self.use([origin])

    def _on_call(self, node: ast.Call) -> Origins:
        function, given = self._resolve(node.func), [*node.args, *(each.value for each in node.keywords)]
        if function is isinstance:
            self._narrow(node)
        if function in {isinstance, type} or self._is_append(node):
            return NOTHING
        if isinstance(function, FunctionType) and function.__module__.startswith("functions."):
            scope = self._arguments(node, code_of(function))
            follows = any(scope.values())
            return self.run(function, scope) if follows else roots(annotations(function).get("return"))
        if isinstance(node.func, ast.Attribute) and (found := self._method(node, node.func)) is not None:
            return found
        held = frozenset(each for each in self._visit(node.func) if not each.path)
        for each in given:
            self.use(self._visit(each))
        is_lookup = isinstance(node.func, ast.Attribute) and node.func.attr == "get"
        fact = self._fact(given[0]) if is_lookup and given else None
        return held | ({root(fact)} if fact else NOTHING)

    def _method(self, node: ast.Call, func: ast.Attribute) -> Origins | None:
        """Run the method of a structure; None if it is another one's."""
        owners = {origin: getattr(origin.kind, func.attr, None) for origin in self._visit(func.value)}
        methods = {origin: each for origin, each in owners.items() if isinstance(each, FunctionType)}
        if not methods:
            return None
        scopes = {each: self._arguments(node, code_of(method), (each,)) for each, method in methods.items()}
        return frozenset(
            origin for each, method in methods.items() for origin in self.run(method, scopes[each])
        )

    def _is_append(self, node: ast.Call) -> bool:
        """Return whether the call publishes a fact: that reads none of its fields."""
        is_append = isinstance(node.func, ast.Attribute) and node.func.attr == "append"
        return is_append and any(not each.path for arg in node.args for each in self._visit(arg))

    def _narrow(self, node: ast.Call) -> None:
        """Add the fact that a name is tested to be; its reads follow, wherever they stand."""
        tested, fact = node.args[0], self._fact(node.args[1])
        if isinstance(tested, ast.Name) and fact:
            self._scope[tested.id] = self._scope.get(tested.id, NOTHING) | {root(fact)}

    def _arguments(self, node: ast.Call, code: ast.FunctionDef, bound: tuple[Origin, ...] = ()) -> Scope:
        """Return what each parameter gets; `*args` and `**fields` get what no other parameter takes."""
        values = [*(frozenset({each}) for each in bound), *map(self._visit, node.args)]
        names = [each.arg for each in parameters(code)]
        scope = dict(zip(names, values, strict=False))
        named = {each.arg: self._visit(each.value) for each in node.keywords}
        rest = {name: value for name, value in named.items() if name not in names}
        collected = frozenset(each for value in [*values[len(names) :], *rest.values()] for each in value)
        scope |= {name: value for name, value in named.items() if name in names}
        for collector in (code.args.vararg, code.args.kwarg):
            scope |= {collector.arg: collected} if collector else {}
        if None in named:
            self.use(named[None])
        return scope

    def _resolve(self, node: ast.expr) -> object:
        if isinstance(node, ast.Name):
            return self._names.get(node.id, getattr(__import__("builtins"), node.id, None))
        if isinstance(node, ast.Attribute):
            owner = self._resolve(node.value)
            return getattr(owner, node.attr, None) if isinstance(owner, ModuleType) else None
        return None

    def _fact(self, node: ast.expr) -> type[Fact] | None:
        found = self._resolve(node)
        return found if is_fact(found) else None
