"""The pages that a site shows, as plain HTML without script or style, so that they take the look of the site."""

from collections.abc import Iterable, Mapping
from functools import partial
from html import escape
from typing import NamedTuple

import msgspec

from omonat.client.generated.shapes import Form
from omonat.kernel.language import translate

DOMAIN = "sites"
ONCE, LANGUAGE, NOTICE, NEWS, NEWS_NOTICE = (
    "omonat_once", "omonat_language", "omonat_notice", "omonat_news_", "omonat_news_notice_",
)  # fmt: skip
_LONG = 300
_KINDS = {
    "phone": 'type="tel" autocomplete="tel" inputmode="tel"',
    "email": 'type="email" autocomplete="email" inputmode="email" autocapitalize="none"',
    "name": 'type="text" autocomplete="name" autocapitalize="words"',
}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field with what was typed and what is wrong with it, in the reader's language."""

    name: str
    kind: str
    label: str
    required: bool
    max_length: int
    value: str = ""
    problem: str = ""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a page of the site is made of. `html` is safe to put into a template as it is; `status`: of the answer."""

    what: str  # form | thanks | unavailable
    title: str
    html: str
    language: str
    status: int
    fields: tuple[Field, ...] = ()


class State(NamedTuple):
    """A form as the reader has it: what he typed and ticked, what is wrong, and the name of this one showing."""

    once: str
    typed: Mapping[str, str]
    problems: Mapping[str, str]
    note: str = ""


def form_page(form: Form, state: State, policy_url: str, *, status: int) -> Shown:
    """The declared form with its exact notice beside the button (clause 1.2)."""
    said = partial(translate, form.language, DOMAIN)
    fields = tuple(
        Field(
            name=one.name, kind=one.kind, label=one.label, required=one.required, max_length=one.max_length,
            value=state.typed.get(one.name, ""), problem=state.problems.get(one.name, ""),
        )
        for one in form.fields
    )  # fmt: skip
    others = [text for name, text in state.problems.items() if name not in {one.name for one in fields}]
    parts = [
        _summary(said("Some fields need another look"), fields, others),
        _note(state.note),
        '<form class="omonat-form" method="post">',
        _hidden({ONCE: state.once, LANGUAGE: form.language, NOTICE: form.notice.hash}),
        *(_field(one, said("optional")) for one in fields),
        *(_news(channel, one.text, one.hash, NEWS + channel in state.typed) for channel, one in form.news.items()),
        f'<p class="omonat-notice">{escape(form.notice.text)} {_policy(policy_url, said("Privacy policy"))}</p>',
        f'<p><button type="submit">{escape(said("Send"))}</button></p>',
        "</form>",
    ]
    return Shown(what="form", title=form.label, html="\n".join(part for part in parts if part),
                 language=form.language, status=status, fields=fields)  # fmt: skip


def thanks_page(language: str, case: str) -> Shown:
    """It is taken; the number under which it is answered."""
    said = partial(translate, language, DOMAIN)
    text = said("We have received it. Thank you.")
    number = said("Its number is {number}.", number=case) if case else ""
    html = f'<p class="omonat-done" role="status">{escape(text)} {escape(number)}</p>'
    return Shown(what="thanks", title=said("Thank you"), html=html, language=language, status=200)


def unavailable_page(language: str, sent: Mapping[str, str] | None) -> Shown:
    """Omonat does not answer, so nothing is taken. What was typed goes along with the button that tries again."""
    said = partial(translate, language, DOMAIN)
    title = said("The form cannot be taken at this moment")
    parts = [
        f'<p class="omonat-problem" role="alert">{escape(said("Nothing was stored. Try again in a few minutes."))}</p>'
    ]
    if sent is not None:
        kept = {name: text for name, text in sent.items() if not name.startswith("omonat_")}
        rows = "".join(f"<li>{escape(text)}</li>" for text in kept.values() if text)
        parts += [
            f"<p>{escape(said('What you typed is kept on this page:'))}</p><ul>{rows}</ul>" if rows else "",
            f'<form class="omonat-form" method="post">{_hidden(sent)}',
            f'<p><button type="submit">{escape(said("Send again"))}</button></p></form>',
        ]
    return Shown(what="unavailable", title=title, html="\n".join(part for part in parts if part), language=language,
                 status=503)  # fmt: skip


def whole_page(shown: Shown) -> str:
    """A bare page around it, for a site that gives no template of its own."""
    return (
        f'<!doctype html>\n<html lang="{escape(shown.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(shown.title)}</title>\n</head>\n<body>\n<main>\n<h1>{escape(shown.title)}</h1>\n{shown.html}\n"
        "</main>\n</body>\n</html>\n"
    )


def _hidden(values: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in values.items()
    )


def _summary(heading: str, fields: Iterable[Field], others: list[str]) -> str:
    links = [f'<li><a href="#{one.name}">{escape(one.label)}: {escape(one.problem)}</a></li>'
             for one in fields if one.problem]  # fmt: skip
    lines = links + [f"<li>{escape(text)}</li>" for text in others]
    if not lines:
        return ""
    listed = f"<h2>{escape(heading)}</h2><ul>{''.join(lines)}</ul>"
    return f'<div class="omonat-problem" role="alert" tabindex="-1">{listed}</div>'


def _note(text: str) -> str:
    return f'<p class="omonat-note" role="status">{escape(text)}</p>' if text else ""


def _field(one: Field, optional: str) -> str:
    name, extra = escape(one.name), "" if one.required else f" ({escape(optional)})"
    state = " required" if one.required else ""
    problem = ""
    if one.problem:
        state += f' aria-invalid="true" aria-describedby="{name}-problem"'
        problem = f'<p class="omonat-problem" id="{name}-problem">{escape(one.problem)}</p>'
    common = f'id="{name}" name="{name}" maxlength="{one.max_length}"{state}'
    if one.kind == "text" and one.max_length >= _LONG:
        control = f'<textarea rows="5" {common}>\n{escape(one.value)}</textarea>'
    else:
        kind = _KINDS.get(one.kind, 'type="text" autocomplete="off"')
        control = f'<input {kind} {common} value="{escape(one.value)}">'
    return f'<div class="omonat-field"><label for="{name}">{escape(one.label)}{extra}</label>{problem}{control}</div>'


def _news(channel: str, text: str, text_hash: str, ticked: bool) -> str:
    """A box of its own, never ticked beforehand (clause 3.1)."""
    name, checked = escape(NEWS + channel), " checked" if ticked else ""
    return (
        f'<div class="omonat-box"><input type="checkbox" id="{name}" name="{name}" value="on"{checked}>'
        f'<label for="{name}">{escape(text)}</label>{_hidden({NEWS_NOTICE + channel: text_hash})}</div>'
    )


def _policy(url: str, text: str) -> str:
    return f'<a href="{escape(url)}">{escape(text)}</a>'
