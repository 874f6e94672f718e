"""Floor 4: incidents (clause 6.2): detected, assessed, contained, told, closed; whom to tell by when; who is concerned.

Terms come from the rule pack, each with its mark. Those concerned are found by the journal and the disclosures, kept as
ids and counts, and told by letter and in the portal. Invariants: every step leaves its line and its ledger event in the
same unit; texts are about the processing, never about a person; letters go once per person.
"""

from omonat.incidents.model import (
    KINDS,
    SEVERITIES,
    STATES,
    Assessment,
    Duty,
    Found,
    Incident,
    Progress,
    Search,
    Step,
    WrongStep,
)
from omonat.incidents.rules import next_act
from omonat.incidents.service import Incidents

__all__ = [
    "KINDS", "SEVERITIES", "STATES", "Assessment", "Duty", "Found", "Incident", "Incidents", "Progress", "Search",
    "Step", "WrongStep", "next_act",
]  # fmt: skip
