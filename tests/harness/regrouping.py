"""People who are joined by an officer who has opened them and seen a paper."""

from uuid import UUID

from harness.card import Firm
from omonat.kernel.ids import SubjectId
from omonat.people import Stated
from omonat.staff import StaffAccount

SEEN = Stated(evidence="document_seen", note="passport")


def opened(firm: Firm, subject_id: SubjectId) -> StaffAccount:
    """The officer, once he has opened the person."""
    officer = firm.member("privacy_officer")
    firm.omonat.people.open(officer, subject_id, purpose="support", reason="two records", now=firm.now)
    return officer


def join(firm: Firm, source: SubjectId, target: SubjectId, stated: Stated = SEEN) -> UUID:
    """`source` goes on as `target`; the id of the joining."""
    return firm.omonat.regroupings.join(opened(firm, target), source, target, stated, firm.now)
