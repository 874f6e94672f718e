"""Pure rules of counting visits."""

import re
from collections.abc import Iterable
from datetime import date, datetime

from omonat.grounds import Asked, PersonState, decide
from omonat.policy import Policy

PURPOSE = "improve"
CHANNEL = "web"

_TABLET = re.compile(r"iPad|Tablet|Kindle|Silk/|PlayBook|Android(?!.*Mobile)", re.IGNORECASE)
_PHONE = re.compile(r"iPhone|iPod|Android.*Mobile|Windows Phone|Mobile.*Firefox|Opera Mini|Mobi", re.IGNORECASE)
_DESKTOP = re.compile(r"Windows NT|Macintosh|X11|Linux x86_64|CrOS", re.IGNORECASE)


def device_class(user_agent: str) -> str:
    """phone, tablet, desktop or other. The user agent itself is not kept."""
    for name, pattern in (("tablet", _TABLET), ("phone", _PHONE), ("desktop", _DESKTOP)):
        if pattern.search(user_agent[:500]):
            return name
    return "other"


def may_count(policy: Policy, person: PersonState, *, now: datetime) -> bool:
    """Clauses 8.1, 8.2: only while the visitor's own consent to it stands, whatever other ground there is."""
    consent = person.consents.get((PURPOSE, CHANNEL))
    declared = policy.purposes[PURPOSE].categories if PURPOSE in policy.purposes else ()
    category = next((name for name in declared if policy.categories[name].kind == "cookie"), None)
    if consent is None or not consent.stands(now) or category is None:
        return False
    asked = Asked(operation="use", purpose=PURPOSE, category=category, channel=CHANNEL)
    return decide(policy, person, asked, now=now).allowed


def expired_days(policy: Policy, days: Iterable[date], today: date) -> list[date]:
    """The days whose visits have been kept for the term of the purpose (clause 6.3)."""
    declared = policy.purposes.get(PURPOSE)
    if declared is None:
        return list(days)
    if declared.keep.after != "collection":
        return []
    return [day for day in days if declared.keep.last_day(day) < today]
