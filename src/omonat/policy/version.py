"""A version of the policy, made of one run of canonical bytes: what is hashed is all that is served.

The bytes hold the facts, the prose of every language and the finished documents, so a stored version looks the same
whatever later code, catalogues or rule packs say. The names in `Canonical` are a stored format: never rename one.
"""

from datetime import date, datetime
from hashlib import sha256
from typing import Any, Literal

import msgspec

from omonat.kernel.codec import from_json, to_builtins, to_canonical_json
from omonat.kernel.errors import Damaged
from omonat.kernel.ids import EventId
from omonat.law import RulePack
from omonat.policy.model import Policy
from omonat.policy.text.document import Document
from omonat.policy.text.markdown import parse_markdown
from omonat.policy.text.render import render

Kind = Literal["adopted", "published"]


class Canonical(msgspec.Struct, frozen=True, kw_only=True):
    """What the bytes of a version hold. `order`: keys of dicts as the author wrote them; canonical JSON sorts keys."""

    format: Literal["omonat-policy-1"]
    kind: Kind
    number: str
    issued_on: date | None
    facts: Policy | None
    order: dict[str, list[str]]
    prose: dict[str, str]
    documents: dict[str, Document]


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """An immutable version. `policy` is None for an adopted text: it has prose and no facts."""

    number: str
    kind: Kind
    hash: str
    sequence: int
    policy: Policy | None
    languages: tuple[str, ...]
    in_force_at: datetime
    issued_on: date | None
    author: str
    reason: str
    event_id: EventId
    canonical: bytes
    documents: dict[str, Document]
    prose: dict[str, str]

    @property
    def facts(self) -> Policy:
        """The facts of a published version. Raises Damaged for an adopted one: ask `kind` first."""
        if self.policy is None:
            raise Damaged(what=f"Version {self.number}")
        return self.policy

    def document(self, language: str) -> Document:
        """The text in `language`, or in the first language that the version has; `Document.language` says which."""
        return self.documents.get(language) or self.documents[self.languages[0]]

    def verbatim(self, language: str | None = None) -> bytes:
        """An adopted text byte for byte as the company issued it; of a published version, the prose as written."""
        return self.prose[language or self.languages[0]].encode()


def published_bytes(policy: Policy, pack: RulePack, prose: dict[str, str]) -> bytes:
    """The canonical bytes of a policy folder. Equal folders give equal bytes."""
    documents = {name: render(policy, pack, prose=prose[name], language=name) for name in policy.languages}
    return _encode(
        Canonical(
            format="omonat-policy-1",
            kind="published",
            number=policy.number,
            issued_on=None,
            facts=policy,
            order=_order(policy),
            prose={name: prose[name] for name in policy.languages},
            documents=documents,
        )
    )


def adopted_bytes(text: str, *, number: str, issued_on: date, language: str) -> bytes:
    """The canonical bytes of a text that the company issued before Omonat."""
    return _encode(
        Canonical(
            format="omonat-policy-1",
            kind="adopted",
            number=number,
            issued_on=issued_on,
            facts=None,
            order={},
            prose={language: text},
            documents={language: parse_markdown(text, language)},
        )
    )


def hash_of(canonical: bytes) -> str:
    """SHA-256, hex."""
    return sha256(canonical).hexdigest()


def read_canonical(canonical: bytes) -> Canonical:
    """The parts of a version from its bytes. Raises Damaged when they are no version."""
    try:
        read = from_json(canonical, Canonical)
    except msgspec.MsgspecError as error:
        raise Damaged(what="A stored version of the policy") from error
    if read.facts is None:
        return read
    return msgspec.structs.replace(read, facts=_reordered(read.facts, read.order))


def _encode(canonical: Canonical) -> bytes:
    built = to_builtins(canonical)
    if built["facts"] is not None:
        del built["facts"]["lapsed"]  # derived from other versions: never part of one
    return to_canonical_json(built)


_ORDERED = ("categories", "purposes", "forms", "recipients", "cookies", "rights")


def _order(policy: Policy) -> dict[str, list[str]]:
    order = {name: list(getattr(policy, name)) for name in _ORDERED}
    for key, form in policy.forms.items():
        order[f"forms.{key}.fields"] = list(form.fields)
        order[f"forms.{key}.evidence"] = list(form.evidence)
    return order


def _reordered(policy: Policy, order: dict[str, list[str]]) -> Policy:
    parts: dict[str, Any] = {name: _sorted(getattr(policy, name), order[name]) for name in _ORDERED}
    parts["forms"] = {
        key: msgspec.structs.replace(
            form,
            fields=_sorted(form.fields, order[f"forms.{key}.fields"]),
            evidence=_sorted(form.evidence, order[f"forms.{key}.evidence"]),
        )
        for key, form in parts["forms"].items()
    }
    return msgspec.structs.replace(policy, **parts)


def _sorted(items: dict[str, Any], order: list[str]) -> dict[str, Any]:
    return {key: items[key] for key in order}
