"""Reading a rule pack from its TOML file. Uzbek Cyrillic names are derived from the Latin ones unless written out."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from omonat.kernel.codec import from_builtins
from omonat.kernel.cyrillic import to_cyrillic
from omonat.kernel.errors import Misconfigured
from omonat.law.model import RulePack

PACKS = Path(__file__).parent / "packs"


def rule_packs() -> tuple[str, ...]:
    """The ids of the packs that come with this version."""
    return tuple(sorted(path.stem for path in PACKS.glob("*.toml")))


@cache
def read_rule_pack(pack_id: str) -> RulePack:
    """The pack, read once. Raises Misconfigured when there is none of that name."""
    if pack_id not in rule_packs():
        raise Misconfigured(what=f"There is no rule pack “{pack_id}”.", fix=f"Use one of: {', '.join(rule_packs())}.")
    facts = tomllib.loads((PACKS / f"{pack_id}.toml").read_text("utf-8"))
    return from_builtins({"id": pack_id, **_with_cyrillic(facts)}, RulePack)


def _with_cyrillic(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_cyrillic(item) for item in value]
    if not isinstance(value, dict):
        return value
    filled = {key: _with_cyrillic(item) for key, item in value.items()}
    if "uz-Latn" in filled:
        filled.setdefault("uz-Cyrl", to_cyrillic(filled["uz-Latn"]))
    return filled
