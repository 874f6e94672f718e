"""The file of a person and a certificate as JSON: ids and words for programs, names beside them for people."""

from typing import Any

import msgspec

from omonat.documents.names import Names
from omonat.kernel.clock import iso
from omonat.kernel.codec import to_builtins, to_json
from omonat.rights import Case, ConsentLine, HeldValue, PersonFile
from omonat.vault import Certificate

PERSON_FORMAT = "omonat-person-file/1"
CERTIFICATE_FORMAT = "omonat-destruction-certificate/1"


def export_json(file: PersonFile, names: Names) -> bytes:
    """UTF-8, indented. Every id comes with its name in the reader's language; moments are UTC, RFC 3339."""
    document = {
        "format": PERSON_FORMAT,
        "language": names.language,
        "made_at": iso(file.made_at),
        "operator": _operator(names),
        "policy": file.policy_number,
        "subject": file.subject_id,
        "visit_days": file.visit_days,
        "values": [_value(value, names) for value in file.values],
        "consents": [_consent(line, names) for line in file.consents],
        "disclosures": [_named(line, names) for line in file.disclosures],
        "journal": [_named(line, names) for line in file.journal],
        "holds": [_named(line, names) for line in file.holds],
        "restrictions": [
            {"kind": kind, "purpose": purpose, "since": iso(since), "name": names.word("restriction", kind)}
            for kind, purpose, since in file.restrictions
        ],
        "cases": [_case(case, names) for case in file.cases],
        "contracts": [
            {**to_builtins(line), "state_name": names.word("contract", line.state)} for line in file.contracts
        ],
    }
    return _written(document)


def certificate_json(certificate: Certificate, names: Names) -> bytes:
    """The certificate with its format and issuer named."""
    document = {
        "format": CERTIFICATE_FORMAT,
        "issued_by": _operator(names),
        "law": names.pack.law.number,
        **to_builtins(certificate),
    }
    return _written(document)


def _operator(names: Names) -> dict[str, str]:
    operator = names.policy.operator
    return {
        "name": operator.name[names.language],
        "stir": operator.stir,
        "site": operator.site,
        "email": operator.email,
    }


def _value(value: HeldValue, names: Names) -> dict[str, Any]:
    labels = {
        "field_name": names.field(value),
        "category_name": names.category(value.category),
        "purpose_name": names.purpose(value.purpose),
        "ground_name": names.word("ground", value.ground),
        "source_name": names.source(value.source),
        "kept_by_law_name": names.law(value.kept_by_law) if value.kept_by_law else None,
    }
    return {**to_builtins(value), **labels}


def _consent(line: ConsentLine, names: Names) -> dict[str, Any]:
    labels = {
        "purpose_name": names.purpose(line.purpose),
        "channel_name": names.channel(line.channel),
        "action_name": names.word("action", line.word),
        "via_name": names.source(line.via),
    }
    return {**to_builtins(line), **labels}


_NAMED_BY = {"recipient": "recipient", "purpose": "purpose", "categories": "categories", "actor": "actor", "law": "law"}


def _named(line: msgspec.Struct, names: Names) -> dict[str, Any]:
    """A line with the names of whatever it has of: recipient, purpose, categories, actor, law."""
    labels = {
        f"{field}_name": getattr(names, lookup)(getattr(line, field))
        for field, lookup in _NAMED_BY.items()
        if hasattr(line, field)
    }
    return {**to_builtins(line), **labels}


def _case(case: Case, names: Names) -> dict[str, Any]:
    labels = {"kind_name": names.word("case", case.kind), "state_name": names.state(case)}
    return {**to_builtins(case), **labels, "term_mark": names.mark(case.term)}


def _written(document: dict[str, Any]) -> bytes:
    return msgspec.json.format(to_json(document), indent=2) + b"\n"
