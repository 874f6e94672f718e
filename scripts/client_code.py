"""The typed operations of the Python client, made from the OpenAPI description: `client_code.py [--write]`.

Without `--write`: says whether the files are as they should be (0) or not (1). Never edit them by hand.
"""

import keyword
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from omonat.web.api import MODULES
from omonat.web.api.description import description

FOLDER = Path(__file__).parents[1] / "src" / "omonat" / "client" / "generated"
HEAD = '"""{what} Made by scripts/client_code.py from the description; never edit it by hand."""\n\n'
REF = "#/components/schemas/"
LONGEST = 110
Schema = dict[str, Any]


def snake(name: str) -> str:
    """getCase -> get_case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class Names:
    """What the structs of the description are called in the client: CaseShape -> Case, where that is free."""

    def __init__(self, schemas: dict[str, Schema]) -> None:
        self._schemas = schemas

    def of(self, name: str) -> str:
        """The name in the client."""
        short = name.removesuffix("Shape")
        return short if short and short not in self._schemas else name


def kind(schema: Schema, names: Names, *, sent: bool) -> str:
    """The Python type of a schema. Words of an answer are `str`: new ones may come."""
    if "$ref" in schema:
        return names.of(schema["$ref"].removeprefix(REF))
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(kind(one, names, sent=sent) for one in schema["anyOf"]))
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]" if sent else "str"
    match schema.get("type"):
        case "array":
            return f"list[{kind(schema.get('items', {}), names, sent=sent)}]"
        case "object":
            more = schema.get("additionalProperties")
            return f"dict[str, {kind(more, names, sent=sent) if isinstance(more, dict) else 'Any'}]"
        case "string":
            return {"uuid": "UUID", "date-time": "datetime", "date": "date"}.get(schema.get("format", ""), "str")
        case "integer" | "number" | "boolean" | "null" as plain:
            return {"integer": "int", "number": "float", "boolean": "bool", "null": "None"}[plain]
    return "Any"


def said(text: str, indent: str) -> str:
    """A docstring."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) == 1 and len(indent + lines[0]) < LONGEST:
        return f'{indent}"""{lines[0]}"""\n'
    body = "\n".join(f"{indent}{line}" if line else "" for line in lines)
    return f'{indent}"""{body.strip()}\n{indent}"""\n'


# --- structs --------------------------------------------------------------------------------------------------------


def in_order(schemas: dict[str, Schema]) -> Iterator[str]:
    """Names of the structs, each after those that it holds."""
    done: set[str] = set()

    def visit(name: str) -> Iterator[str]:
        if name in done:
            return
        done.add(name)
        for other in re.findall(rf"'{REF}(\w+)'", str(schemas[name])):
            yield from visit(other)
        yield name

    for name in sorted(schemas):
        yield from visit(name)


def struct(name: str, schema: Schema, names: Names) -> str:
    """A struct of the client."""
    sent = schema.get("additionalProperties") is False
    base = (
        "msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True" if sent else "Answer, frozen=True, kw_only=True"
    )
    lines = [f"class {names.of(name)}({base}):\n", said(schema.get("description", name), "    ")]
    for field, shape in schema.get("properties", {}).items():
        lines.append(f"    {field}: {kind(shape, names, sent=sent)}{default(field, shape, schema)}\n")
    return "\n".join([lines[0].rstrip(), lines[1], "".join(lines[2:])])


def default(field: str, shape: Schema, owner: Schema) -> str:
    """What a field is while nobody sets it."""
    if field in owner.get("required", []):
        return ""
    value = shape.get("default")
    if isinstance(value, dict | list):
        made = shape.get("$ref", "").removeprefix(REF)
        return f" = {made}()" if made else f" = msgspec.field(default_factory={type(value).__name__})"
    return f" = {value!r}"


# --- operations -----------------------------------------------------------------------------------------------------


def answer_of(operation: Schema, names: Names) -> str:
    """The struct of the good answer."""
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            content = answer.get("content", {}).get("application/json")
            return kind(content["schema"], names, sent=False) if content else "None"
    return "None"


def parameter(name: str, shape: str, *, required: bool) -> str:
    """One parameter by name; what is not given is not sent."""
    if required:
        return f"{name}: {shape}"
    return f"{name}: {shape if 'None' in shape.split(' | ') else shape + ' | None'} = None"


def named(name: str) -> str:
    """A name that Python takes."""
    return f"{name}_" if keyword.iskeyword(name) else name


def function(method: str, path: str, operation: Schema, schemas: dict[str, Schema], names: Names) -> str:
    """The builder of one call."""
    given: dict[str, list[Schema]] = {"path": [], "query": [], "header": []}
    for one in operation["parameters"]:
        given[one["in"]].append(one)
    headers = {one["name"] for one in given["header"]}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    sent = schemas[body["$ref"].removeprefix(REF)] if body else None
    places = [f"{one['name']}: {'UUID | str' if one['name'].endswith('_id') else 'str'}" for one in given["path"]]
    by_name, arguments = [], []
    if given["query"]:
        for one in given["query"]:
            shape = kind(one["schema"], names, sent=True)
            by_name.append(parameter(named(one["name"]), shape, required=one.get("required", False)))
        arguments.append(
            "query={" + ", ".join(f"{one['name']!r}: {named(one['name'])}" for one in given["query"]) + "}"
        )
    if sent is not None:
        fields = sent.get("properties", {})
        by_name += [parameter(named(name), kind(shape, names, sent=True), required=name in sent.get("required", []))
                    for name, shape in fields.items()]  # fmt: skip
        arguments.append("sent={" + ", ".join(f"{name!r}: {named(name)}" for name in fields) + "}")
    if "If-Match" in headers:
        by_name.append("if_match: str | Answer")
        arguments.append("if_match=if_match")
    if "Idempotency-Key" in headers:
        by_name.append("idempotency_key: str | None = None")
        arguments.append("idempotency_key=idempotency_key, writes=True")
    answer = answer_of(operation, names)
    where = re.sub(r"\{(\w+)\}", lambda found: "{place(" + found[1] + ")}", path)
    call = ", ".join([repr(method.upper()), ("f" if "{" in where else "") + f'"{where}"', answer, *arguments])
    signature = ", ".join([*places, *(["*", *by_name] if by_name else [])])
    text = "\n\n".join(part for part in (operation["summary"], operation.get("description", "")) if part)
    head = f"def {snake(operation['operationId'])}({signature}) -> Call[{answer}]:\n"
    return f"{head}{said(text, '    ')}    return Call({call})\n"


def method_of(operation: Schema, schemas: dict[str, Schema], names: Names) -> str:
    """The line of the operation in the class that both clients have."""
    name, answer = snake(operation["operationId"]), answer_of(operation, names)
    page = next((one for key, one in schemas.items() if names.of(key) == answer), {}).get("properties", {})
    if {"items", "next"} <= set(page):
        return f"    {name} = Listing(_{name}, {kind(page['items']['items'], names, sent=False)})\n"
    return f"    {name} = Operation(_{name})\n"


def made() -> dict[str, str]:
    """File name to text."""
    assert MODULES, "loading them registers the operations"
    said_by = description()
    schemas = {name: one for name, one in said_by["components"]["schemas"].items() if name != "Problem"}
    names = Names(schemas)
    structs = [struct(name, schemas[name], names) for name in in_order(schemas) if "properties" in schemas[name]]
    shapes = HEAD.format(what="What the API takes and answers.") + (
        "from datetime import date, datetime\nfrom typing import Any, Literal\nfrom uuid import UUID\n\n"
        "import msgspec\n\nfrom omonat.client.calls import Answer\n\n\n"
    ) + "\n\n".join(structs)  # fmt: skip
    operations = [(path, method, one) for path, by in said_by["paths"].items() for method, one in by.items()]
    operations.sort(key=lambda one: (one[2]["tags"], one[2]["operationId"]))
    functions = [
        function(method, path, one, schemas, names).replace("def ", "def _", 1) for path, method, one in operations
    ]
    methods = [method_of(one, schemas, names) for _path, _method, one in operations]
    used = "\n".join([*functions, *methods])
    imports = sorted({names.of(name) for name in schemas if re.search(rf"\b{names.of(name)}\b", used)})
    text = HEAD.format(what="The operations of the API.") + (
        "from datetime import date, datetime\nfrom typing import Any, Literal\nfrom uuid import UUID\n\n"
        "from omonat.client.calls import Answer, Call, Listing, Operation, place\n"
        f"from omonat.client.generated.shapes import {', '.join(imports)}\n\n\n"
    ) + "\n\n".join(functions) + (
        '\n\nclass Operations:\n    """Every operation of `/api/v1`, by its id."""\n\n' + "".join(methods)
    )  # fmt: skip
    return {
        "shapes.py": tidy(shapes),
        "operations.py": tidy(text),
        "__init__.py": HEAD.format(what="The API.").rstrip() + "\n",
    }


def tidy(text: str) -> str:
    """As ruff writes it, without what is not used."""
    ruff = Path(sys.executable).with_name("ruff")
    for words in (["check", "--quiet", "--fix", "--select", "F401,I"], ["format", "--quiet"]):
        done = subprocess.run(
            [ruff, *words, "--stdin-filename", str(FOLDER / "made.py"), "-"],
            input=text, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stdout, done.stderr
        text = done.stdout
    return text


def main() -> int:
    """0: the files are as they should be."""
    wanted = made()
    if "--write" in sys.argv:
        FOLDER.mkdir(exist_ok=True)
        for name, text in wanted.items():
            (FOLDER / name).write_text(text, "utf-8")
    wrong = [
        name
        for name, text in wanted.items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text("utf-8") != text
    ]
    print(
        "\n".join(f"{name}: run scripts/client_code.py --write" for name in wrong) or "The client is that of the API."
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
