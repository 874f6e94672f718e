"""Recording a consent that a person gave by phone, in a message, at the desk or on paper, with its proof (Art. 31)."""

from datetime import date, datetime, time
from typing import Any

from litestar import Response, get, post
from litestar.di import Provide
from litestar.params import FromPath

from omonat.consent import FORM, PERSON, REPRESENTATIVE, SAID, WrongConsentForm, cookie_purposes, needs_writing
from omonat.contracts import MOST_BYTES, WrongFile
from omonat.kernel.clock import TASHKENT, local_date
from omonat.kernel.errors import InvalidInput
from omonat.kernel.language import LANGUAGE_NAMES, LANGUAGES, translate
from omonat.people import NotOpened
from omonat.people import Said as Word
from omonat.rights import grant_text
from omonat.web.console.pages import console_page
from omonat.web.console.people.pages import explained, to_card, to_subject
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, filled
from omonat.web.uploads import Uploaded, uploaded
from omonat.web.visit import AnyRequest

DOMAIN = "console_consent"
RIGHT = "person.correct"
METHODS = {
    "call": "in a call", "sms": "by SMS", "telegram": "by Telegram", "email": "by e-mail", "desk": "in person",
    "paper": "on paper", "e_document": "by a signed electronic document",
}  # fmt: skip
GIVERS = {PERSON: "the person", REPRESENTATIVE: "a legal representative"}
_FORM_BYTES = 2 * MOST_BYTES + 64 * 1024
Subject = FromPath[str]


def said(visit: ConsoleVisit, text: str) -> str:
    """A text of this page in the reader's language."""
    return translate(visit.language, DOMAIN, text)


@get("/people/{subject_id:str}/consent", right=RIGHT, sync_to_thread=True)
def record_page(request: AnyRequest, subject_id: Subject) -> Response[Any]:
    """What was agreed to, how, when, and what proves it."""
    visit = console_visit(request)
    try:
        visit.omonat.people.opening(visit.account, to_subject(subject_id), visit.now)
    except NotOpened:
        return to_card(visit, subject_id)
    return _page(visit, subject_id, {}, [], status=200)


def _page(
    visit: ConsoleVisit, subject_id: str, typed: dict[str, str], wrong: list[tuple[str, str]], *, status: int
) -> Response[Any]:  # fmt: skip
    problems = {name: text for name, text in wrong if name}
    fields = (
        FieldView("given_on", said(visit, "Day on which it was given"), "date", True, 10),
        FieldView("reference", said(visit, "Number of the call, message or document"), "text", False, 120),
        FieldView("offset_seconds", said(visit, "Seconds from the start of the call"), "text", False, 6),
        FieldView("script", said(visit, "Version of the script that was read out"), "text", False, 60),
    )
    pairs, policy = _pairs(visit), visit.policy
    names = [(word, f"{visit.names.purpose(one[0])}, {visit.names.channel(one[1])}") for word, one in pairs.items()]
    texts = {
        (word, language): grant_text(policy, purpose, channel, language)
        for word, (purpose, channel) in pairs.items()
        for language in policy.languages
    }
    filled_in = {"given_on": local_date(visit.now).isoformat(), **typed}
    return console_page(
        visit, "console_consent/record.html", title=said(visit, "Record a consent"), status=status,
        subject_id=subject_id, typed=filled_in, wrong=wrong, pairs=names, texts=texts,
        written=[name for (word, name) in names if needs_writing(policy, pairs[word][0])],
        fields=filled(fields, filled_in, problems, language=visit.language),
        languages=[(name, LANGUAGE_NAMES[name]) for name in LANGUAGES if name in policy.languages],
        methods=[(word, said(visit, METHODS[word])) for word in METHODS],
        givers=[(word, said(visit, GIVERS[word])) for word in GIVERS],
    )  # fmt: skip


def _pairs(visit: ConsoleVisit) -> dict[str, tuple[str, str]]:
    """Every consent that may be recorded: by channel where channels are offered, else for the purpose as a whole.

    What the banner asks about belongs to a browser, and no call can give it.
    """
    found: dict[str, tuple[str, str]] = {}
    for purpose, declared in visit.policy.purposes.items():
        if "consent" in declared.grounds and purpose not in cookie_purposes(visit.policy):
            found |= {f"{purpose} {channel}": (purpose, channel) for channel in declared.channels or (FORM,)}
    return found


@post(
    "/people/{subject_id:str}/consent", right=RIGHT, request_max_body_size=_FORM_BYTES,
    dependencies={"uploaded": Provide(uploaded)}, sync_to_thread=True,
)  # fmt: skip
def record(request: AnyRequest, subject_id: Subject, uploaded: Uploaded) -> Response[Any]:
    """Keep it; what is missing comes back beside the fields."""
    visit = console_visit(request, uploaded.fields)
    typed, which = uploaded.fields, to_subject(subject_id)
    try:
        visit.omonat.people.opening(visit.account, which, visit.now)
        visit.omonat.recording.record(visit.account, which, _word(visit, typed, uploaded.files), visit.now)
    except NotOpened:
        return to_card(visit, subject_id)
    except InvalidInput as error:
        wrong = [(_FIELD.get(name, name), translate(visit.language, "errors", text))
                 for name, text in error.problems.items()]  # fmt: skip
        return _page(visit, subject_id, typed, wrong, status=422)
    except (WrongFile, WrongConsentForm) as error:
        return _page(visit, subject_id, typed, [("", explained(visit, error))], status=422)
    return to_card(visit, subject_id, done="recorded")


_FIELD = {"given_at": "given_on", "channel": "pair"}


def _word(visit: ConsoleVisit, typed: dict[str, str], files: dict[str, bytes]) -> Word:
    pair = _pairs(visit).get(typed.get("pair", ""))
    problems = {} if pair else {"pair": "Choose what was agreed to."}
    offset = typed.get("offset_seconds", "").strip()
    if offset and not (offset.isascii() and offset.isdigit()):
        problems["offset_seconds"] = "Write seconds from the start of the call."
    given_at = _given_at(visit, typed.get("given_on", ""))
    if given_at is None:
        problems["given_on"] = "Write a day such as 2026-11-22."
    if problems or pair is None or given_at is None:
        raise InvalidInput(problems)
    language = typed.get("language", "")
    return Word(
        purpose=pair[0], channel=pair[1], language=language if language in visit.policy.languages else visit.language,
        method=typed.get("method", "") if typed.get("method") in SAID else "", given_at=given_at,
        given_by=typed.get("given_by", ""), offer=typed.get("offer") == "on", reference=typed.get("reference", ""),
        offset_seconds=int(offset) if offset else None, script=typed.get("script", ""),
        paper=files.get("paper", b""), proof=files.get("proof", b""),
    )  # fmt: skip


def _given_at(visit: ConsoleVisit, text: str) -> datetime | None:
    """Noon of the day, in Tashkent; today is now, so that it comes after what was said in the morning."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return visit.now if day == local_date(visit.now) else datetime.combine(day, time(12), TASHKENT)


HANDLERS = (record_page, record)
