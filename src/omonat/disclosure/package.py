"""The package that a recipient gets: canonical JSON with the values and what binds the recipient to them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from omonat.kernel.clock import iso
from omonat.kernel.codec import to_canonical_json
from omonat.kernel.ids import DisclosureId
from omonat.policy import Policy
from omonat.vault import OpenedRecord

FORMAT = "omonat/disclosure/1"


def package(
    policy: Policy, recipient: str, disclosure_id: DisclosureId, opened: Iterable[OpenedRecord], facts: dict[str, Any]
) -> bytes:
    """Names in it are part of the format: add to them, never rename one. `facts`: purpose, ground, at."""
    registered = policy.recipients[recipient]
    agreement = registered.agreement
    return to_canonical_json(
        {
            "format": FORMAT,
            "disclosure": str(disclosure_id),
            "operator": {"stir": policy.operator.stir, "site": policy.operator.site},
            "policy": policy.number,
            "recipient": recipient,
            "country": registered.country,
            "agreement": None if agreement is None else agreement.number,
            **facts,
            "values": [_value(one) for one in opened],
        }
    )


def _value(one: OpenedRecord) -> dict[str, str]:
    held = one.record
    return {
        "field": held.field,
        "category": held.category,
        "value": one.value.reveal(),
        "collected_at": iso(held.collected_at),
        "keep_until": _until(held.keep_until),
    }


def _until(moment: datetime | None) -> str:
    return "until withdrawal" if moment is None else iso(moment)
