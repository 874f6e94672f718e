"""The three forms: show, send, thank (clauses 1.2, 2.1, 3.1, 10.1)."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from omonat.consent import FORM
from omonat.intake import Evidence
from omonat.kernel.clock import local_date
from omonat.kernel.errors import InvalidInput, PolicyChanged
from omonat.kernel.language import translate
from omonat.kernel.secret import Sealed
from omonat.policy import channel_words
from omonat.web import cookies
from omonat.web.addresses import client_address
from omonat.web.forms import FieldView, Posted, filled
from omonat.web.limits import FORMS, limited
from omonat.web.pages import linked, render
from omonat.web.site.counting import count, page
from omonat.web.visit import AnyRequest, Visit, open_visit

if TYPE_CHECKING:
    from omonat.intake import PreparedForm, Submitted

_STATE = "state"
_NEWS = "news_"
_LONGEST_AGENT = 300


class Sent(NamedTuple):
    """A form that came back: shown again with its problems, or because the policy changed under it."""

    values: Mapping[str, str]
    problems: Mapping[str, str]
    policy_changed: bool = False


_FRESH = Sent({}, {})


def form_handlers(form_id: str) -> list[HTTPRouteHandler]:
    """Showing and sending of one form, each under its own path: Litestar wraps a threaded handler of many twice."""

    @get(f"/{{language:str}}/{form_id}", sync_to_thread=True)
    def show(request: AnyRequest) -> Response[Any]:
        return _form_page(open_visit(request), form_id, _FRESH, status=200)

    @post(f"/{{language:str}}/{form_id}", guards=[limited(FORMS)], sync_to_thread=True)
    def send(request: AnyRequest, posted: Posted) -> Response[Any]:
        return _send(open_visit(request), form_id, posted)

    return [show, send]


def _send(visit: Visit, form_id: str, posted: Mapping[str, str]) -> Response[Any]:
    """What is wrong comes back beside the fields, with everything that was typed."""
    try:
        submitted = _submit(visit, form_id, posted)
    except InvalidInput as error:
        return _form_page(visit, form_id, Sent(posted, error.problems), status=422)
    except PolicyChanged:
        return _form_page(visit, form_id, Sent(posted, {}, policy_changed=True), status=409)
    answer = Redirect(_thanks_url(visit, form_id, submitted), status_code=303)
    days = visit.policy.cookies[cookies.SUBMISSION].keep_days
    cookies.put(answer, cookies.SUBMISSION, submitted.token.reveal(), days=days)
    count(visit, answer, "finished", form=form_id)
    return answer


def _submit(visit: Visit, form_id: str, posted: Mapping[str, str]) -> "Submitted":
    fields = {name: text for name, text in posted.items() if name != _STATE and not name.startswith(_NEWS)}
    ticked = [name.removeprefix(_NEWS) for name, text in posted.items() if name.startswith(_NEWS) and text == "on"]
    return visit.omonat.intake.submit(
        form_id, posted.get(_STATE, ""), fields, frozenset(ticked), evidence=_evidence(visit),
        now=visit.omonat.clock.now(), choice=visit.choice,
    )  # fmt: skip


def _evidence(visit: Visit) -> Evidence:
    address = client_address(visit.request, visit.omonat.settings.trusted_proxies)
    agent = visit.request.headers.get("user-agent", "")[:_LONGEST_AGENT]
    return Evidence(Sealed(str(address)), Sealed(agent))


def _form_page(visit: Visit, form_id: str, sent: Sent, *, status: int) -> Response[Any]:
    prepared = visit.omonat.intake.prepare(form_id, visit.language, visit.omonat.clock.now())
    form = visit.policy.forms[form_id]
    return page(
        visit,
        f"site/{'contact' if form_id == 'contact' else 'form'}.html",
        title=_title(visit, form_id),
        status=status,
        form_id=form_id,
        prepared=prepared,
        notice=linked(visit, prepared.notice),
        to_sign=visit.omonat.rights.consent_text(FORM, visit.language, form.purpose) if prepared.in_writing else "",
        channels={name: channel_words(name, visit.language) for name in prepared.news_notices},
        news_in_writing=", ".join(channel_words(name, visit.language) for name in prepared.news_in_writing),
        fields=filled(_fields(visit, prepared), sent.values, sent.problems, language=visit.language),
        ticked={name.removeprefix(_NEWS) for name, text in sent.values.items() if text == "on"},
        sent=sent,
        purpose=visit.policy.purposes[form.purpose].labels[visit.language],
    )


def _title(visit: Visit, form_id: str) -> str:
    """The name of the page: what one finds there, not only the form."""
    if form_id == "contact":
        return translate(visit.language, "site", "Contact")
    return visit.policy.forms[form_id].labels[visit.language]


def _fields(visit: Visit, prepared: "PreparedForm") -> tuple[FieldView, ...]:
    labels = visit.policy.forms[prepared.form_id].fields
    return tuple(
        FieldView(
            shape.name, labels[shape.name].labels[visit.language], shape.kind, shape.required, shape.max_length,
            hint=_hint(visit.language, shape.kind),
        )
        for shape in prepared.fields
    )  # fmt: skip


def _hint(language: str, kind: str) -> str:
    return translate(language, "site", "For example: +998 90 123 45 67") if kind == "phone" else ""


def _thanks_url(visit: Visit, form_id: str, submitted: "Submitted") -> str:
    facts = {"form": form_id}
    if submitted.case_id is not None and submitted.due_at is not None:
        facts |= {"case": str(submitted.case_id), "due": local_date(submitted.due_at).isoformat()}
    return visit.url(f"/thanks?{urlencode(facts)}")


@get("/{language:str}/thanks", sync_to_thread=True)
def thanks(request: AnyRequest) -> Response[Any]:
    """What happens next: the case number and the day when it is due. The address holds no value of a person."""
    visit = open_visit(request)
    query = request.query_params
    return render(
        visit,
        "site/thanks.html",
        title=translate(visit.language, "site", "Thank you, we have received it"),
        form_id=query.get("form", ""),
        case=_case(query.get("case", "")),
        due=_day(query.get("due", "")),
    )


def _case(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
