"""The labels that keep one use of a key from serving as another: those of the code are those of the document.

Read from the syntax tree, so that a new use cannot be forgotten: docs/security/formats.md, "Every label".
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from harness.places import REPOSITORY
from omonat.keystore.service import SECRETS

SOURCE = REPOSITORY / "src" / "omonat"
DOCUMENT = (REPOSITORY / "docs" / "security" / "formats.md").read_text("utf-8")
TAGS, FIELDS = {"keyed_tag", "length_prefixed", "_made", "_read"}, {"sign_field", "verify_field"}
USES = {"tag", "key", "derived"}  # of SigningParts: in the areas that have it
KEYED = {*FIELDS, "keyed_tag", "seal", "open_sealed", "hash_password", "is_password"}
SIGNING = ("staff", "web/console/signing")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text("utf-8"))


def calls(tree: ast.Module) -> Iterator[tuple[str, list[ast.expr]]]:
    """(name, arguments) of each call; `hmac.digest` by that name, other methods by their own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name):
                yield function.id, node.args
            elif isinstance(function, ast.Attribute):
                owner = function.value.id if isinstance(function.value, ast.Name) else ""
                yield (f"hmac.{function.attr}" if owner == "hmac" else function.attr), node.args


def constants(tree: ast.Module) -> dict[str, ast.expr]:
    """What module-level names stand for."""
    return {
        target.id: node.value
        for node in tree.body if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip


def said(node: ast.expr, known: dict[str, ast.expr]) -> str | None:
    """The label that an argument is, or begins with (`…`); None when it is no label."""
    if isinstance(node, ast.Name):
        node = known.get(node.id, node)
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes | str):
        return node.value.decode() if isinstance(node.value, bytes) else node.value
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        return f"{node.values[0].value}…"
    if isinstance(node, ast.BinOp):
        first = said(node.left, known)
        return first and f"{first}…"
    return None


def labels(name: str, tree: ast.Module) -> Iterator[str]:
    known, found = constants(tree), list(calls(tree))
    keyed = {call for call, _arguments in found} & {*TAGS, "hmac.digest"}
    for call, arguments in found:
        chosen: list[ast.expr] = []
        if call in TAGS or call == "hmac.digest":
            chosen = [one for one in arguments if _is_bytes(one, known)]
        elif call in FIELDS:
            chosen = arguments[1:2]
        elif call in USES and name.startswith(SIGNING):
            chosen = arguments[:1]
        yield from (label for one in chosen if (label := said(one, known)) is not None)
    for node in ast.walk(tree):  # f"…".encode() where tags are made
        if (
            keyed
            and isinstance(node, ast.Attribute)
            and node.attr == "encode"
            and isinstance(node.value, ast.JoinedStr)
        ):
            yield said(node.value, known) or ""


def _is_bytes(node: ast.expr, known: dict[str, ast.expr]) -> bool:
    node = known.get(node.id, node) if isinstance(node, ast.Name) else node
    return isinstance(node, ast.Constant) and isinstance(node.value, bytes)


def table() -> list[list[str]]:
    """The rows of "Every label": what stands in backquotes in each of their first two cells."""
    part = DOCUMENT.partition("## Every label\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split("|") for line in part.splitlines() if line.startswith("| ")][1:]
    return [[" ".join(re.findall(r"`([^`]+)`", cell)) if n == 1 else _code(cell) for n, cell in enumerate(row[:2])]
            for row in rows]  # fmt: skip


def _code(cell: str) -> str:
    found = re.findall(r"`([^`]+)`", cell)
    return found[0] if found else ""


def test_every_label_of_the_code_is_in_the_document_and_none_beside() -> None:
    of_code = {label for name, tree in modules() for label in labels(name, tree)}
    of_document = {row[0] for row in table()} - {""}
    assert of_code - of_document == set(), "write down what it is for in docs/security/formats.md, with vectors"
    assert of_document - of_code == set(), "no such label is in the code any more"


def test_every_module_that_uses_a_key_is_in_the_document() -> None:
    """Also what has no label of its own, such as a blind index."""
    of_code = {
        name
        for name, tree in modules()
        if not name.startswith("crypto/") and {call for call, _arguments in calls(tree)} & {*KEYED, "hmac.digest"}
    }
    of_document = {module for row in table() for module in row[1].split()}
    assert of_code - of_document == set() and {name for name in of_document if not (SOURCE / name).is_file()} == set()


def test_every_secret_of_the_key_store_is_in_the_document() -> None:
    keys = DOCUMENT.partition("## Keys\n")[2].partition("\n### ")[0]
    assert {name for name in SECRETS if f"`{name}`" not in keys} == set()


def test_a_new_use_would_be_found(tmp_path: Path) -> None:
    code = (
        'X = b"new/1"\nkeyed_tag(key, X, b"other")\nsign_field(key, "third" + more, value)\nhmac.digest(k, b"4", "x")'
    )
    assert set(labels("anywhere.py", ast.parse(code))) == {"new/1", "other", "third…", "4"}
    assert set(labels("staff/x.py", ast.parse('parts.tag("fifth", b)\nparts.key(f"six {x}")'))) == {"fifth", "six …"}
