"""Rule packs: terms, articles, holds and names of one law, as data with their verification marks (clause 1.1).

Another jurisdiction is another file in `packs/`. A number that the law does not give and we chose is marked
`policy_default`; a number that only a secondary source gives is marked `secondary`; pages show the mark.
Entry point: `read_rule_pack("uz")`.
"""

from omonat.law.model import (
    Article,
    Authority,
    ConsentForm,
    Definition,
    HoldRule,
    IncidentDuty,
    Law,
    LawTerm,
    Mark,
    RulePack,
    Unit,
    UnknownRule,
    last_day,
)  # fmt: skip
from omonat.law.pack import read_rule_pack, rule_packs

__all__ = [
    "Article",
    "Authority",
    "ConsentForm",
    "Definition",
    "HoldRule",
    "IncidentDuty",
    "Law",
    "LawTerm",
    "Mark",
    "RulePack",
    "Unit",
    "UnknownRule",
    "last_day",
    "read_rule_pack",
    "rule_packs",
]
