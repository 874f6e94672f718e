"""My consents: which stand, taking each back, giving again; each is one button (clauses 3.1, 7.1 c)."""

from typing import TYPE_CHECKING, Any, NamedTuple

from litestar import Response, get, post

from omonat.consent import PENDING, VISITS, WEB, needs_writing
from omonat.crypto.fields import text_hash
from omonat.grounds import STANDING
from omonat.kernel.errors import NotFound, PolicyChanged
from omonat.policy import CHANNELS
from omonat.web import cookies
from omonat.web.forms import Posted
from omonat.web.portal.pages import moved, page
from omonat.web.portal.person import PortalVisit, open_person
from omonat.web.problems import BadRequest
from omonat.web.visit import AnyRequest

if TYPE_CHECKING:
    from omonat.rights import ConsentLine, PersonFile


class ConsentView(NamedTuple):
    """One consent that stands or could be given. `line`: the last word on it; None when there was none.

    `notice`: the exact text that giving it from here agrees to; empty where it cannot be given from here.
    `asked_again`: a new version of the policy made it void. `in_writing`: the law wants it in writing, so it can be
    taken back here and not given.
    """

    purpose: str
    channel: str
    stands: bool
    asked_again: bool
    line: "ConsentLine | None"
    notice: str
    in_writing: bool = False

    @property
    def shown(self) -> str:
        """The hash of what stands beside the button, which comes back with it."""
        return text_hash(self.notice)


def consents_of(visit: PortalVisit, file: "PersonFile") -> tuple[ConsentView, ...]:
    """Every consent ever given, and those to optional purposes that could be."""
    last = {(line.purpose, line.channel): line for line in sorted(file.consents, key=lambda line: line.at)}
    pairs = list(dict.fromkeys([*last, *_offered(visit)]))
    order = list(visit.policy.purposes)
    pairs.sort(key=lambda pair: (order.index(pair[0]) if pair[0] in order else len(order), pair[1]))
    return tuple(_view(visit, pair, last.get(pair)) for pair in pairs)


def _offered(visit: PortalVisit) -> list[tuple[str, str]]:
    """Optional purposes with channels: each channel is asked for apart."""
    return [(word, channel) for word, purpose in visit.policy.purposes.items() if purpose.optional
            for channel in purpose.channels]  # fmt: skip


def _view(visit: PortalVisit, pair: tuple[str, str], line: "ConsentLine | None") -> ConsentView:
    lapsed = line is not None and (line.policy_number, *pair) in visit.policy.lapsed
    given = line is not None and line.action in STANDING and (line.expires_at is None or visit.now < line.expires_at)
    stands, again = given and not lapsed, is_asked_again(visit, line)
    notice, can_be_given = "", not stands and (again or pair in _offered(visit))
    in_writing = can_be_given and needs_writing(visit.policy, pair[0])
    if can_be_given and not in_writing:
        notice = visit.omonat.rights.consent_text(pair[1], visit.language, pair[0])
    return ConsentView(*pair, stands, again, line, notice, in_writing)


def is_asked_again(visit: PortalVisit, line: "ConsentLine | None") -> bool:
    """Whether a new version made a consent void that it could carry again, whether it stood or waited for its address.

    A browser is asked by the banner.
    """
    if line is None or line.channel == WEB:
        return False
    declared = visit.policy.purposes.get(line.purpose)
    can_carry = declared is not None and "consent" in declared.grounds
    if can_carry and line.channel in CHANNELS:
        can_carry = declared is not None and line.channel in declared.channels
    said_yes = line.action in STANDING or line.action == PENDING
    lapsed = said_yes and (line.policy_number, line.purpose, line.channel) in visit.policy.lapsed
    return can_carry and (line.action == "void" or lapsed)


@post("/consents/withdraw", sync_to_thread=True)
def withdraw_consent(request: AnyRequest, posted: Posted) -> Response[Any]:
    """At once and for good; what rests on it begins its term. What was said about cookies ends in this browser, too."""
    visit = open_person(request, posted)
    purpose, channel = _pair(posted)
    visit.omonat.rights.withdraw(visit.subject_id, purpose, channel, visit.language, visit.now)
    answer = moved(visit, "/my?done=withdrawn")
    if channel == WEB and visit.choice is not None and visit.choice.allows(purpose):
        _withdraw_here(visit, purpose, answer)
    return answer


def _withdraw_here(visit: PortalVisit, purpose: str, answer: Response[Any]) -> None:
    """The browser has a word of its own, under a pseudonym to which nothing points: here it is known, and ends (7.1 c).

    Other browsers of the person keep theirs: nothing says which they are.
    """
    value = visit.omonat.consents.choose(
        visit.request.cookies.get(cookies.CHOICE), {purpose: False}, visit.language, "portal", shown="", gpc=visit.gpc,
        now=visit.now,
    )  # fmt: skip
    cookies.put(answer, cookies.CHOICE, value, days=cookies.CHOICE_DAYS)
    if purpose == VISITS:
        cookies.remove(answer, cookies.VISIT)


@post("/consents/give", sync_to_thread=True)
def give_consent(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Give a consent, or give it again; only where the policy offers it."""
    visit = open_person(request, posted)
    pair = _pair(posted)
    if pair not in _offered(visit) and not _is_asked_again(visit, pair):
        raise BadRequest
    try:
        visit.omonat.rights.grant(
            visit.subject_id, *pair, visit.language, visit.now, shown=posted.get("text", "")
        )  # fmt: skip
    except PolicyChanged:
        return moved(visit, "/my?not_done=changed")
    return moved(visit, "/my?done=given")


@get("/consents/text", sync_to_thread=True)
def shown_text(request: AnyRequest) -> Response[Any]:
    """The exact text behind a consent of mine, however old: `hash` names it, and only one's own are shown."""
    visit = open_person(request)
    wanted = visit.request.query_params.get("hash", "")
    file = visit.omonat.rights.person_file(visit.subject_id, visit.now)
    line = next((one for one in file.consents if one.text_hash == wanted), None)
    if line is None:
        raise NotFound
    text = visit.omonat.consents.get_text(wanted)
    return page(visit, "consent_text", title="The text that was shown", signed_in=True, line=line, text=text)


def _is_asked_again(visit: PortalVisit, pair: tuple[str, str]) -> bool:
    file = visit.omonat.rights.person_file(visit.subject_id, visit.now)
    return any(view.asked_again for view in consents_of(visit, file) if (view.purpose, view.channel) == pair)


def _pair(posted: dict[str, str]) -> tuple[str, str]:
    purpose, channel = posted.get("purpose", ""), posted.get("channel", "")
    if not purpose or not channel:
        raise BadRequest
    return purpose, channel
