"""From a policy folder to the facts and the prose. Call `check` first: loading a folder with findings raises."""

from pathlib import Path
from typing import Any

import msgspec

from omonat.kernel.codec import from_builtins
from omonat.kernel.errors import Misconfigured
from omonat.kernel.language import LANGUAGES
from omonat.policy.folder.source import Source
from omonat.policy.model import Policy, Term

FILE_NAME = "policy.toml"


class Prose(msgspec.Struct, frozen=True):
    """The prose of one language: `file` for findings, the text, and whether it was there at all."""

    file: str
    text: str
    found: bool


class Folder(msgspec.Struct, frozen=True):
    """What is written in a policy folder: the facts as a tree, and the prose by language."""

    source: Source
    prose: dict[str, Prose]


def read_folder(folder: Path) -> Folder:
    """Read the files of a policy folder. Raises Misconfigured when there is no policy.toml in UTF-8."""
    path = folder / FILE_NAME
    try:
        source = Source(path, path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(what=f"{path} cannot be read.", fix="Name a folder that holds policy.toml.") from error
    about = source.tree.get("policy", {})
    languages = about.get("languages", []) if isinstance(about, dict) else []
    names = [name for name in languages if name in LANGUAGES] if isinstance(languages, list) else []
    return Folder(source, {name: _read_prose(folder / "text" / f"{name}.md") for name in names})


def _read_prose(path: Path) -> Prose:
    try:
        return Prose(str(path), path.read_text("utf-8"), True)
    except (OSError, UnicodeDecodeError):
        return Prose(str(path), "", False)


def to_policy(tree: dict[str, Any]) -> Policy:
    """The tree of a folder without findings as frozen facts."""
    fields = tree.get("field", {})
    facts = {
        **tree["policy"],
        "after_withdrawal": _term(tree["policy"]["after_withdrawal"]),
        "consent_term": _term(tree["policy"]["consent_term"]),
        "suppression": _term(tree["policy"]["suppression"]) if "suppression" in tree["policy"] else None,
        "operator": tree["operator"],
        "contact": tree["contact"],
        "categories": tree.get("category", {}),
        "purposes": {key: _purpose(item) for key, item in tree.get("purpose", {}).items()},
        "forms": {key: _form(item, fields) for key, item in tree.get("form", {}).items()},
        "recipients": tree.get("recipient", {}),
        "cookies": tree.get("cookie", {}),
        "rights": tree.get("right", {}),
        "sites": tree.get("site", {}),
    }
    return from_builtins(facts, Policy)


def _term(words: str) -> dict[str, Any]:
    return msgspec.structs.asdict(Term.parse(words))


def _purpose(item: dict[str, Any]) -> dict[str, Any]:
    by_category = {key: _term(words) for key, words in item.get("keep_by_category", {}).items()}
    return {**item, "keep": _term(item["keep"]), "keep_by_category": by_category}


def _form(item: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    asked = {name: {**fields[name], "required": word == "required"} for name, word in item["fields"].items()}
    return {**item, "fields": asked}
