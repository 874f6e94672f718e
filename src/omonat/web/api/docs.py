"""`/api/v1/openapi.json`, and `/api/v1/docs`: the same as a page, its frame in four languages, without a script."""

from functools import partial
from typing import Any

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler

from omonat.kernel.codec import to_json
from omonat.kernel.language import LANGUAGE_NAMES, LANGUAGES, translate, wanted_language
from omonat.web.api.description import description
from omonat.web.api.router import OPEN
from omonat.web.pages import TEMPLATES, html
from omonat.web.visit import AnyRequest

DOMAIN = "api"
_SCHEMAS = "#/components/schemas/"


def openapi(request: AnyRequest) -> Response[Any]:
    """The description, for everybody: it says nothing about anybody."""
    headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
    return Response(to_json(description()), media_type="application/json", headers=headers)


def docs(request: AnyRequest) -> Response[Any]:
    """The description for people, one section per tag."""
    asked = request.query_params.get("language", "")
    language = asked if asked in LANGUAGES else wanted_language(request.headers.get("accept-language", ""))
    said = partial(translate, language, DOMAIN)
    whole = description()
    frame = {
        "language": language, "t": said, "languages": [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
        "title": said("The API of Omonat"), "tags": _by_tag(whole), "schemas": whole["components"]["schemas"],
        "kind": kind_of, "about": whole["info"]["description"],
    }  # fmt: skip
    return html(TEMPLATES.get_template("api/docs.html").render(frame), language=language)


def _by_tag(whole: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The operations of each tag, with what the page shows of them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, methods in whole["paths"].items():
        for method, one in methods.items():
            found.setdefault(one["tags"][0], []).append(_shown(path, method, one))
    return dict(sorted(found.items()))


def _shown(path: str, method: str, one: dict[str, Any]) -> dict[str, Any]:
    sent = one.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = sent.get("schema")
    good = next(answer for status, answer in one["responses"].items() if status.startswith("2"))
    answered = good.get("content", {}).get("application/json", {})
    answer = answered.get("schema")
    refused = [answer["$ref"].rpartition("/")[2].split(".") for answer in one["responses"].values() if "$ref" in answer]
    return {
        "id": one["operationId"], "method": method.upper(), "path": path, "summary": one["summary"],
        "description": one.get("description", ""), "right": one["x-right"], "parameters": one["parameters"],
        "sent": kind_of(body) if body else "", "answer": kind_of(answer) if answer else "",
        "codes": [(parts[0], parts[1:]) for parts in sorted(refused)],
        "call": _called(path, method, one, sent), "answered": _pretty(answered["example"]) if answered else "",
    }  # fmt: skip


def _called(path: str, method: str, one: dict[str, Any], sent: dict[str, Any]) -> str:
    """The operation as a command that can be copied."""
    lines = [f'curl -X {method.upper()} "$API{path}" -H "Authorization: Bearer $KEY"']
    lines += [f"""-H '{each["name"]}: "THE ETAG"'""" for each in one["parameters"] if each["name"] == "If-Match"]
    if sent:
        lines += ['-H "Content-Type: application/json"', f"-d '{_pretty(sent['example'])}'"]
    return " \\\n  ".join(lines)


def _pretty(example: Any) -> str:
    return msgspec.json.format(to_json(example), indent=2).decode()


def kind_of(schema: dict[str, Any]) -> str:
    """What a schema asks for, in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_SCHEMAS)
    if "anyOf" in schema:
        return " | ".join(kind_of(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"“{each}”" for each in schema["enum"])
    if schema.get("type") == "array":
        return f"[{kind_of(schema.get('items', {}))}]"
    kind = str(schema.get("type", "any"))
    return f"{kind} ({schema['format']})" if "format" in schema else kind


PAGES = (
    HTTPRouteHandler("/openapi.json", http_method="GET", opt={OPEN: True}, sync_to_thread=False)(openapi),
    HTTPRouteHandler("/docs", http_method="GET", opt={OPEN: True}, sync_to_thread=True)(docs),
)
