"""Pure rules of a form: which fields it has, what is wrong with what came in (clause 2.1)."""

from collections.abc import Mapping

from omonat.intake.model import FormTexts, SentForm
from omonat.kernel.errors import InvalidInput, PolicyChanged, UndeclaredCategory
from omonat.kernel.secret import Sealed
from omonat.policy import Form
from omonat.vault import Value, WrongValue, normalise

# Which field a news channel needs; Telegram finds people by their phone number.
FIELD_FOR_CHANNEL = {"email": "email", "sms": "phone", "telegram": "phone"}
EVIDENCE_LENGTH = 400


def read_fields(form_id: str, form: Form, sent: Mapping[str, str], channels: frozenset[str]) -> list[Value]:
    """The values of a form, normalised. Raises UndeclaredCategory, or InvalidInput with every problem at once."""
    for name in sent:
        if name not in form.fields:
            raise UndeclaredCategory(field=name, form=form_id)
    values, problems = {}, {}
    for name, field in form.fields.items():
        try:
            text = normalise(field.kind, sent.get(name, ""), field.max_length)
        except WrongValue as wrong:
            problems[name] = str(wrong.args[0])
            continue
        if text:
            values[name] = Value(name, field.category, field.kind, Sealed(text))
        elif field.required:
            problems[name] = "Please fill this in."
    problems |= _missing_for_channels(form_id, form, channels, values, problems)
    if problems:
        raise InvalidInput(problems)
    return list(values.values())


def _missing_for_channels(
    form_id: str, form: Form, channels: frozenset[str], values: Mapping[str, Value], problems: Mapping[str, str]
) -> dict[str, str]:
    """News by a channel needs the address of that channel."""
    missing = {}
    for channel in channels:
        if channel not in form.news_channels:
            raise UndeclaredCategory(field=f"news:{channel}", form=form_id)
        name = FIELD_FOR_CHANNEL[channel]
        if name not in values and name not in problems:
            missing[name] = "To get news this way, please fill this in."
    return missing


def check_shown(form_id: str, form: Form, texts: FormTexts, sent: SentForm) -> None:
    """The texts that stood on the connected site are those in force (clauses 1.2, 9.2).

    Raises PolicyChanged for another text, UndeclaredCategory for a channel that the form does not offer.
    """
    for channel in sent.news_hashes:
        if channel not in form.news_channels:
            raise UndeclaredCategory(field=f"news:{channel}", form=form_id)
    shown = {channel: text.hash for channel, text in texts.news.items()}
    if sent.notice_hash != texts.notice.hash or any(shown[each] != said for each, said in sent.news_hashes.items()):
        raise PolicyChanged


def evidence_values(form: Form, ip_address: Sealed[str], browser: Sealed[str]) -> list[Value]:
    """What of the browser's evidence the policy declares for this form; nothing else is taken."""
    given = {"ip_address": ip_address, "browser": browser}
    return [
        Value(name, category, "device", Sealed(given[name].reveal()[:EVIDENCE_LENGTH]))
        for name, category in form.evidence.items()
        if given[name].reveal()
    ]


def news_values(values: list[Value], channels: frozenset[str]) -> list[Value]:
    """The addresses that news needs: sealed apart, so that withdrawing news destroys them and nothing else."""
    wanted = {FIELD_FOR_CHANNEL[channel] for channel in channels}
    return [value for value in values if value.field in wanted]
