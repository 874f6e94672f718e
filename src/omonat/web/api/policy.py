"""The policy: versions, what is in force, differences, uploading and publishing (clauses 9.1, 9.2)."""

import base64
import binascii
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from omonat.kernel.codec import to_builtins
from omonat.kernel.errors import InvalidInput
from omonat.policy import Version, diff, to_public_json
from omonat.web.api.call import Call, each_shaped, shaped
from omonat.web.api.operations import operation
from omonat.web.api.registers import ReasonSent, WaitingShape, waiting
from omonat.web.api.shapes import Hash, Language, Moment, Sent, Shape, Word

TAG = "Policy"
MOST_BYTES = 1_400_000


class VersionLine(Shape, frozen=True, kw_only=True):
    """An immutable version."""

    number: Annotated[str, Meta(examples=["3.2"])]
    kind: Annotated[str, Meta(examples=["published"])]
    hash: Hash
    author: str
    reason: str
    in_force_at: Moment
    languages: list[str]


class VersionList(Shape, frozen=True, kw_only=True):
    """Every version, the oldest first."""

    items: list[VersionLine]


class VersionShape(VersionLine, frozen=True, kw_only=True):
    """A version with its facts, as /policy.json says them."""

    facts: dict[str, Any]


class DifferenceQuery(Sent, frozen=True, kw_only=True):
    """Between which versions, in which language."""

    old: Word
    new: Word
    language: Language = "uz-Latn"


class PieceShape(Shape, frozen=True):
    """A run of words: same, removed or added."""

    kind: str
    text: str


class ClauseShape(Shape, frozen=True, kw_only=True):
    """What became of a clause."""

    number: str
    title: str
    kind: str
    pieces: list[PieceShape]


class DifferenceList(Shape, frozen=True, kw_only=True):
    """What differs, clause by clause."""

    items: list[ClauseShape]


class DraftSent(Sent, frozen=True, kw_only=True):
    """A zip of a policy folder, base64."""

    archive: Annotated[str, Meta(min_length=1, max_length=1_340_000)]


class DraftLine(Shape, frozen=True, kw_only=True):
    """An uploaded policy that waits. `state`: draft, published or dropped."""

    draft_id: UUID
    number: str
    hash: Hash
    author: str
    state: str
    made_at: Moment


class DraftList(Shape, frozen=True, kw_only=True):
    """Uploaded policies, the newest first."""

    items: list[DraftLine]


class DraftShape(DraftLine, frozen=True, kw_only=True):
    """An uploaded policy, and what publishing it would do to the data held, as counts."""

    effect: dict[str, Any]


@operation("GET", "/policy/versions", id="listPolicyVersions", right="policy.publish", tag=TAG)
def list_policy_versions(call: Call) -> VersionList:
    """Every version of the policy, the oldest first."""
    return VersionList(items=each_shaped(call.omonat.policies.versions(), VersionLine))


@operation("GET", "/policy/in-force", id="getPolicyInForce", right="collect", tag=TAG)
def get_policy_in_force(call: Call) -> VersionShape:
    """The version in force, with its facts."""
    return _version(call.omonat.policies.in_force())


@operation("GET", "/policy/versions/{number}", id="getPolicyVersion", right="policy.publish", tag=TAG)
def get_policy_version(call: Call, number: str) -> VersionShape:
    """One version with its facts."""
    return _version(call.omonat.policies.get(number))


def _version(version: Version) -> VersionShape:
    return VersionShape(
        number=version.number, kind=version.kind, hash=version.hash, author=version.author, reason=version.reason,
        in_force_at=version.in_force_at, languages=list(version.languages), facts=to_public_json(version),
    )  # fmt: skip


@operation(
    "GET", "/policy/differences", id="comparePolicyVersions", right="policy.publish", tag=TAG, errors=("not_found",)
)
def compare_policy_versions(call: Call, query: DifferenceQuery) -> DifferenceList:
    """What differs between two versions, clause by clause."""
    policies = call.omonat.policies
    old, new = policies.get(query.old).document(query.language), policies.get(query.new).document(query.language)
    return DifferenceList(items=each_shaped(list(diff(old, new)), ClauseShape))


@operation(
    "POST", "/policy/drafts", id="uploadPolicy", right="policy.publish", tag=TAG, status=201, most_bytes=MOST_BYTES,
    errors=("policy_not_ready", "invalid_input"),
)  # fmt: skip
def upload_policy(call: Call, sent: DraftSent) -> DraftLine:
    """Check a policy folder and keep it; `policy_not_ready` names every finding."""
    try:
        archive = base64.b64decode(sent.archive, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput({"archive": "This is not a zip archive that can be read."}) from None
    return shaped(call.omonat.drafts.keep(archive, by=call.key, now=call.now), DraftLine)


@operation("GET", "/policy/drafts", id="listPolicyDrafts", right="policy.publish", tag=TAG)
def list_policy_drafts(call: Call) -> DraftList:
    """Uploaded policies, the newest first."""
    return DraftList(items=each_shaped(call.omonat.drafts.newest(), DraftLine))


@operation("GET", "/policy/drafts/{draft_id}", id="getPolicyDraft", right="policy.publish", tag=TAG)
def get_policy_draft(call: Call, draft_id: UUID) -> DraftShape:
    """An uploaded policy, and the plan: what publishing it would do."""
    draft, version = call.omonat.drafts.get(draft_id)
    effect = call.omonat.registers.plan(call.omonat.policies.find_in_force(), version, call.now)
    return DraftShape(
        draft_id=draft.draft_id, number=draft.number, hash=draft.hash, author=draft.author, state=draft.state,
        made_at=draft.made_at, effect=plain(effect),
    )  # fmt: skip


@operation(
    "POST", "/policy/drafts/{draft_id}/publish", id="publishPolicy", right="policy.publish", tag=TAG, status=202,
    errors=("second_person_missing", "invalid_input"),
)  # fmt: skip
def publish_policy(call: Call, draft_id: UUID, sent: ReasonSent) -> WaitingShape:
    """Ask for an uploaded policy to be put into force; a member of the staff publishes it (9.1)."""
    return waiting(call.omonat.drafts.want_published(draft_id, sent.reason, by=call.key, now=call.now))


@operation("DELETE", "/policy/drafts/{draft_id}", id="dropPolicyDraft", right="policy.publish", tag=TAG)
def drop_policy_draft(call: Call, draft_id: UUID) -> None:
    """Throw an uploaded policy away."""
    call.omonat.drafts.drop(draft_id, by=call.key, now=call.now)


def plain(value: object) -> dict[str, Any]:
    """A struct as plain JSON values."""
    made: dict[str, Any] = to_builtins(value)
    return made
