"""Which texts the code shows to people: (domain, English msgid) with the place where it stands.

Read from the source, without running it. Known ways to say something: `translate(language, domain, "text")`, functions
and `partial`s that pass their own text on to it (found by following the parameter), constants that hold texts
(`WORDS[kind]`), templates (`t`, `t_html`, `base_t`), and errors with their advice.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, nodes

from harness.places import REPOSITORY

SOURCE = REPOSITORY / "src" / "omonat"
TEMPLATES = (SOURCE / "web" / "templates", SOURCE / "web" / "portal" / "templates",
             SOURCE / "web" / "console" / "templates")  # fmt: skip
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Used(NamedTuple):
    domain: str
    msgid: str
    where: str


class Sayer(NamedTuple):
    """Something called with texts: the arguments from `at` to `end`, and those named in `named`."""

    domain: str
    at: int
    end: int
    named: frozenset[str]

    def joined(self, other: "Sayer") -> "Sayer":
        """Both together, where one function says several of its parameters."""
        return Sayer(self.domain, min(self.at, other.at), max(self.end, other.end), self.named | other.named)


NOWHERE = 10**6


@cache
def walked(node: ast.AST) -> tuple[ast.AST, ...]:
    """`ast.walk`, once for each node: functions are looked through again in every round."""
    return tuple(ast.walk(node))


@cache
def _calls(node: ast.AST) -> tuple[ast.Call, ...]:
    return tuple(one for one in walked(node) if isinstance(one, ast.Call))


class Module:
    """One file: its constants, its sayers, and what it says."""

    def __init__(self, path: Path, known: dict[Path, "Module"]) -> None:
        self.path, self._known = path, known
        self.tree = ast.parse(path.read_text("utf-8"))
        self.sayers: dict[str, Sayer] = {}

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """Module-level names and what they are set to."""
        found: dict[str, ast.expr] = {}
        for node in self.tree.body:
            if isinstance(node, ast.Assign):
                found |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
                found[node.target.id] = node.value
        return found

    @cached_property
    def locals(self) -> dict[str, list[ast.expr]]:
        """Names inside functions, with everything they are set to; a loop's name with what it goes over."""
        found: dict[str, list[ast.expr]] = {}
        for node in walked(self.tree):
            if isinstance(node, ast.Assign):
                for target in (target for target in node.targets if isinstance(target, ast.Name)):
                    found.setdefault(target.id, []).append(node.value)
            elif isinstance(node, ast.comprehension | ast.For) and isinstance(node.target, ast.Name):
                found.setdefault(node.target.id, []).append(node.iter)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
                if isinstance(node.func.value, ast.Name):
                    found.setdefault(node.func.value.id, []).extend(node.args)
        return found

    @cached_property
    def imports(self) -> dict[str, Path]:
        """Names that come from another file of ours."""
        found = {}
        for node in walked(self.tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("omonat"):
                path = SOURCE.parent.joinpath(*(node.module or "").split("."))
                for alias in node.names:
                    target = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
                    submodule = path / f"{alias.name}.py"
                    found[alias.asname or alias.name] = submodule if submodule.exists() else target
        return found

    @cached_property
    def imported(self) -> frozenset[Path]:
        """The files of ours that names come from."""
        return frozenset(self.imports.values())

    def value_of(self, name: str, deep: int = 3) -> ast.expr | None:
        """What a name stands for, in this file or where it is imported from."""
        if name in self.constants:
            return self.constants[name]
        elsewhere = self._known.get(self.imports.get(name, Path()))
        return elsewhere.value_of(name, deep - 1) if elsewhere and deep else None

    def text_of(self, node: ast.expr | None) -> str:
        """The string of a literal or of a constant; empty for anything else."""
        if isinstance(node, ast.Name):
            node = self.value_of(node.id)
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""

    def sayer(self, call: ast.Call) -> Sayer | None:
        """Whom the call speaks through."""
        if isinstance(call.func, ast.Name):
            name = call.func.id
            elsewhere = self._known.get(self.imports.get(name, Path()))
            return self.sayers.get(name) or (elsewhere.sayers.get(name) if elsewhere else None)
        if isinstance(call.func, ast.Attribute):
            return self.sayers.get(call.func.attr) or self._method(call.func.attr)
        return None

    def _method(self, name: str) -> Sayer | None:
        known = (self._known.get(path) for path in self.imported)
        found = {module.sayers[name] for module in known if module and name in module.sayers}
        return found.pop() if len(found) == 1 else None

    def spoken(self) -> Iterator[tuple[str, ast.expr]]:
        """Domain and expression of every text that is said."""
        for call in _calls(self.tree):
            if isinstance(call.func, ast.Name) and call.func.id == "translate" and len(call.args) > 2:
                yield self.text_of(call.args[1]), call.args[2]
            elif sayer := self.sayer(call):
                texts = call.args[sayer.at : sayer.end]
                texts += [keyword.value for keyword in call.keywords if keyword.arg in sayer.named]
                yield from ((sayer.domain, text) for text in texts)

    def literals(self, node: ast.AST) -> Iterator[str]:
        """The texts that an expression may have: literals, either side of an `if`, all values of a constant."""
        match node:
            case ast.Constant(value=str() as text):
                yield text
            case ast.Name(id=name):
                yield from self.named(name)
            case ast.BinOp(left=left, right=right):
                yield "".join(text for side in (left, right) for text in self.literals(side))
            case _:
                yield from (text for part in _parts(node) for text in self.literals(part))

    def named(self, name: str) -> Iterator[str]:
        """The texts of a constant, or of a variable inside a function."""
        if value := self.value_of(name):
            yield from self.values(value)
        else:
            yield from (text for set_to in self.locals.get(name, ()) for text in self.local_values(set_to))

    def local_values(self, node: ast.expr) -> Iterator[str]:
        """What a variable inside a function was set to, or what a loop over texts gives it."""
        if isinstance(node, ast.Tuple | ast.List):
            yield from self.values(node)
        elif not isinstance(node, ast.Name) or node.id in self.constants:
            yield from self.literals(node)

    def values(self, node: ast.AST) -> Iterator[str]:
        """The texts inside a constant; of a dictionary its values, not its keys."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Dict):
            yield from (text for value in node.values for text in self.values(value))
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            yield from (text for value in node.elts for text in self.values(value))

    def find_sayers(self) -> bool:
        """Learn which functions and partials pass a text on. Whether anything was learnt."""
        before = dict(self.sayers)
        for node in walked(self.tree):
            if isinstance(node, Function):
                self._learn_function(node)
            elif isinstance(node, ast.ClassDef):
                self._learn_class(node)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self._learn_name(node.targets[0].id, node.value)
        return self.sayers != before

    def _learn_name(self, name: str, value: ast.expr) -> None:
        """`t = names.t`, `said = partial(translate, language, "site")`."""
        if isinstance(value, ast.Attribute) and (method := self._method(value.attr)):
            self.sayers[name] = method
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "partial":
            first = value.args[0]
            if isinstance(first, ast.Name) and first.id == "translate" and len(value.args) == 3:
                self.sayers[name] = Sayer(self.text_of(value.args[2]), 0, 1, frozenset({"text"}))

    def _learn_function(self, function: Function) -> None:
        positional = [argument.arg for argument in function.args.args if argument.arg not in ("self", "cls")]
        keyword = [argument.arg for argument in function.args.kwonlyargs]
        rest = function.args.vararg.arg if function.args.vararg else None
        aliases = _loops_over(function)
        for domain, text in _inside(function, self):
            name = aliases.get(text.id, text.id) if isinstance(text, ast.Name) else ""
            if name in positional:
                at = positional.index(name)
                self._add(function.name, Sayer(domain, at, at + 1, frozenset({name})))
            elif name and name == rest:
                self._add(function.name, Sayer(domain, len(positional), NOWHERE, frozenset()))
            elif name in keyword:
                self._add(function.name, Sayer(domain, NOWHERE, 0, frozenset({name})))

    def _learn_class(self, node: ast.ClassDef) -> None:
        """A struct that says one of its own fields is made with a text."""
        typed = [line.target for line in node.body if isinstance(line, ast.AnnAssign)]
        fields = [target.id for target in typed if isinstance(target, ast.Name)]
        for domain, text in _inside(node, self):
            own = isinstance(text, ast.Attribute) and isinstance(text.value, ast.Name) and text.value.id == "self"
            if own and text.attr in fields:
                at = fields.index(text.attr)
                self._add(node.name, Sayer(domain, at, at + 1, frozenset({text.attr})))

    def _add(self, name: str, new: Sayer) -> None:
        self.sayers[name] = new.joined(self.sayers[name]) if name in self.sayers else new


def _parts(node: ast.AST) -> list[ast.expr]:
    """The expressions that one expression may come out as."""
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            return [body, orelse]
        case ast.Starred(value=value) | ast.Subscript(value=value):
            return [value]
        case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[_, *rest]):
            return [value, *rest]
        case _:
            return []


def _inside(function: ast.AST, module: Module) -> Iterator[tuple[str, ast.expr]]:
    inner = Module.__new__(Module)
    inner.path, inner._known, inner.tree, inner.sayers = module.path, module._known, function, module.sayers  # type: ignore[assignment]
    inner.__dict__["constants"], inner.__dict__["imports"] = module.constants, module.imports
    inner.__dict__["imported"] = module.imported
    yield from inner.spoken()


def _loops_over(function: Function) -> dict[str, str]:
    """`for text in texts`: text is one of texts."""
    return {
        node.target.id: node.iter.id
        for node in walked(function)
        if isinstance(node, ast.comprehension | ast.For)
        and isinstance(node.target, ast.Name)
        and isinstance(node.iter, ast.Name)
    }


def in_code() -> Iterator[Used]:
    """Every text said in Python."""
    modules: dict[Path, Module] = {}
    for path in SOURCE.rglob("*.py"):
        modules[path] = Module(path, modules)
    for _round in range(4):
        learnt = [module.find_sayers() for module in modules.values()]
        if not any(learnt):
            break
    for path, module in modules.items():
        for domain, expression in module.spoken():
            where = f"{path.relative_to(REPOSITORY)}:{expression.lineno}"
            for text in module.literals(expression):
                if text and domain:
                    yield Used(domain, text, where)


def in_templates() -> Iterator[Used]:
    """Every text said in a template. The folder names the domain; what lies outside of one is `site`."""
    for folder in TEMPLATES:
        for path in (path for path in folder.rglob("*.*ml") if path.is_file()):
            name = path.relative_to(folder).parts
            domain = name[0] if len(name) > 1 else "site"
            tree = Environment(autoescape=True).parse(path.read_text("utf-8"))
            for call in tree.find_all(nodes.Call):
                yield from _of_call(call, domain, str(path.relative_to(REPOSITORY)))


def _of_call(call: nodes.Call, domain: str, where: str) -> Iterator[Used]:
    if isinstance(call.node, nodes.Name) and call.node.name in ("t", "t_html", "base_t") and call.args:
        spoken = "site" if call.node.name == "base_t" else domain
        yield from (Used(spoken, text, f"{where}:{call.lineno}") for text in _constants(call.args[0]))


def _constants(node: nodes.Node) -> Iterable[str]:
    if isinstance(node, nodes.CondExpr):
        return [text for side in (node.expr1, node.expr2) if side for text in _constants(side)]
    return [node.value] if isinstance(node, nodes.Const) else []


def of_errors() -> Iterator[Used]:
    """What errors say and advise, and the problems of fields: domain `errors`."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for value in _of_error(node):
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield Used("errors", value.value, f"{path.relative_to(REPOSITORY)}:{value.lineno}")


def _of_error(node: ast.AST) -> Iterator[ast.expr | None]:
    """`message = "..."` of a class, `InvalidInput({name: "..."})`, `WrongValue("...")`, `problems[name] = "..."`."""
    match node:
        case ast.ClassDef():
            for line in node.body:
                targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
                if {target.id for target in targets if isinstance(target, ast.Name)} & {"message", "what_to_do"}:
                    yield getattr(line, "value", None)
        case ast.Call(func=ast.Name(id="InvalidInput"), args=[ast.Dict() as problems, *_]):
            yield from problems.values
        case ast.Call(func=ast.Name(id="WrongValue"), args=[text, *_]):
            yield text
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="problems" | "missing"))], value=text):
            yield text
