"""Whole examples of what an operation takes and answers, made of its schema and of the examples of single fields."""

from collections.abc import Mapping
from typing import Any

_REF = "#/components/schemas/"
_FORMATS = {
    "date-time": "2026-11-20T09:30:00Z", "date": "2026-11-20", "uuid": "01935a10-7c00-7000-8000-000000000001",
    "uri": "https://www.example.uz",
}  # fmt: skip
_WORDS = {
    "action": "granted", "actor": "staff:Madina", "added_by": "staff:Madina", "after": "Dilnoza Karimova",
    "archive": "UEsDBBQAAAAIAA==", "article": "Art. 22", "asked_by": "staff:Madina", "author": "Madina",
    "before": "Dilnoza Karimov", "categories": "phone", "category": "phone", "changed_by": "staff:Madina",
    "channel": "email", "checkpoint": "iptelefoniya.uz/omonat\n631\n…", "clause": "7.1", "closed_to": "support",
    "content": "JVBERi0xLjcK", "country": "UZ", "created_by": "staff:Madina", "csv": "c3ViamVjdCxhZGRyZXNz",
    "decided_by": "staff:Sardor", "delivery": "sent", "description": "What was seen; nobody is named.",
    "detected_by": "staff:Madina", "device": "Chrome, Android", "digest": "9f86d081884c7d65", "direction": "out",
    "en": "A list was sent to the wrong address. It was deleted there.", "event": "case.opened",
    "events": "case.opened", "evidence": "called_back", "field": "phone", "file_name": "disclosure-2026-11-20.zip",
    "form": "callback", "ground": "contract", "hash": "9f86d081884c7d65", "kind": "phone", "kinds": "phone",
    "label": "Phone number", "language": "ru", "languages": "ru", "law": "accounting", "mark": "statute",
    "media": "application/pdf", "name": "site-forms", "next": "MjAyNi0xMS0yMA", "note": "Called back on 20 November.",
    "number": "3.2", "operation": "read", "origins": "https://www.example.uz", "outcome": "answered",
    "package": "UEsDBBQAAAAIAA==", "placed_by": "staff:Madina", "policy": "3.2", "policy_number": "3.2",
    "purpose": "support", "purposes": "support", "reason": "The year is over.", "reasons": "not_your_purpose",
    "recipient": "contractor", "rights": "collect", "role": "support", "roles": "support",
    "ru": "Список ушёл не по адресу. Там он удалён.", "secret": "omk_1a2B3c4D_…", "source": "form:callback",
    "state": "open", "status": "in_force", "term": "answer_message", "text": "We call you tomorrow.",
    "title": "Second factor for all staff", "url": "https://crm.example.uz/omonat",
    "uz_cyrl": "Рўйхат нотўғри манзилга юборилди. У ерда ўчирилди.",
    "uz_latn": "Roʻyxat notoʻgʻri manzilga yuborildi. U yerda oʻchirildi.", "value": "+998901234567",
    "via": "form:order", "vkey": "iptelefoniya.uz/omonat+0e8f4c5a+AY5…", "whom": "people", "word": "phone",
}  # fmt: skip
"""A word for a field without an example of its own."""


def example_of(schema: Mapping[str, Any], components: Mapping[str, Any], *, sent: bool) -> Any:
    """A value that fits the schema; of what is sent only what must be there, or everything where nothing must."""
    return _Made(components, sent).value(schema, "")


class _Made:
    def __init__(self, components: Mapping[str, Any], sent: bool) -> None:
        self._components = components
        self._sent = sent

    def value(self, schema: Mapping[str, Any], name: str) -> Any:
        """`name`: of the field that holds it."""
        if "$ref" in schema:
            return self.value(self._components[str(schema["$ref"]).removeprefix(_REF)], name)
        if "examples" in schema:
            return schema["examples"][0]
        if "enum" in schema:
            return schema["enum"][0]
        if "anyOf" in schema:
            return self.value(_told(schema["anyOf"]), name)
        made = getattr(self, f"_{schema.get('type', 'any')}", None)
        return made(schema, name) if made is not None else {}

    def _object(self, schema: Mapping[str, Any], name: str) -> dict[str, Any]:
        fields = schema.get("properties")
        if fields is None:
            return {_word(name): self.value(schema.get("additionalProperties") or {"type": "string"}, name)}
        wanted = schema.get("required") or list(fields) if self._sent else list(fields)
        return {one: self.value(fields[one], one) for one in fields if one in wanted}

    def _array(self, schema: Mapping[str, Any], name: str) -> list[Any]:
        return [self.value(schema.get("items", {}), name)]

    def _string(self, schema: Mapping[str, Any], name: str) -> str:
        if name == "until" and schema.get("format") == "date-time":
            return "2026-11-21T09:30:00Z"
        return _FORMATS.get(schema.get("format", ""), "") or _word(name)

    def _integer(self, schema: Mapping[str, Any], _name: str) -> int:
        return max(int(schema.get("minimum", 0)), min(3, int(schema.get("maximum", 3))))

    def _number(self, schema: Mapping[str, Any], name: str) -> float:
        return float(self._integer(schema, name))

    def _boolean(self, _schema: Mapping[str, Any], _name: str) -> bool:
        return True

    def _null(self, _schema: Mapping[str, Any], _name: str) -> None:
        return None


def _told(options: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The first that says something."""
    return next((one for one in options if one.get("type") != "null"), options[0])


def _word(name: str) -> str:
    return _WORDS.get(name, name or "word")
