"""Rendering: the Jinja environment and the one base layout that every page of every face stands on.

A face calls `render(visit, "portal/home.html", title=..., domain="portal", ...)`. In its template `t("English text")`
translates in its own domain, `base_t` in the domain `site` (base layout, macros), `t_html` keeps the markup of the text
and escapes its places. `date` and `moment` write days and times of Tashkent; `url("/policy")` adds the language.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from markupsafe import Markup, escape

from omonat.kernel.errors import OmonatError
from omonat.kernel.language import LANGUAGE_NAMES, LANGUAGES, long_date, long_moment, translate
from omonat.policy import policy_link_words
from omonat.statistics import source_of_call
from omonat.web.assets import ASSETS
from omonat.web.visit import Visit, omonat_of

_HERE = Path(__file__).parent
TEMPLATE_FOLDERS = (_HERE / "templates", _HERE / "portal" / "templates", _HERE / "console" / "templates")
VARY = "Cookie, Sec-GPC"


class Link(NamedTuple):
    """A link with its text; `current` marks the page that one is on."""

    href: str
    text: str
    current: bool = False


class Alternate(NamedTuple):
    """The same page in another language: for the switch (`href`) and for search engines (`absolute`)."""

    language: str
    name: str
    href: str
    absolute: str
    current: bool


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATE_FOLDERS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = ASSETS.url
    made.filters["capital"] = capital
    return made


def capital(text: str) -> str:
    """With a capital letter: labels of the policy are words of a sentence, on a page they stand alone."""
    return text[:1].upper() + text[1:]


TEMPLATES = _environment()


def texts(language: str, domain: str) -> dict[str, Callable[..., Any]]:
    """What a template translates with: `t`, `t_html` in `domain`; `base_t` in `site`; `date` and `moment`."""
    return {
        "t": partial(translate, language, domain),
        "t_html": partial(_marked_up, language, domain),
        "base_t": partial(translate, language, "site"),
        "date": partial(long_date, language=language),
        "moment": partial(long_moment, language=language),
    }


def _marked_up(language: str, domain: str, text: str, **places: object) -> Markup:
    # The text is ours, from the catalogue; Markup.format escapes what is put into its places.
    return Markup(translate(language, domain, text)).format(**places)  # noqa: S704


def render(
    visit: Visit, template: str, *, title: str, domain: str = "site", status: int = 200, **context: Any
) -> Response[str]:
    """A page of the site. `title` is already translated; `description=` and `canonical=` may come with the context.

    The page may be kept by the reader's own browser only, and is asked for again each time.
    """
    site = {"navigation": _navigation(visit), "banner": banner_of(visit) if visit.asks else None}
    return render_plain(visit, template, title=title, domain=domain, status=status, **(site | context))


def render_plain(
    visit: Visit, template: str, *, title: str, domain: str, status: int = 200, **context: Any
) -> Response[str]:
    """A page without the site's menu and its question about cookies: for a face that has a layout of its own."""
    language = visit.language
    frame = _frame(visit.request, language) | texts(language, domain)
    frame |= {
        "title": title,
        "description": "",
        "url": visit.url,
        "visit": visit,
        "operator": visit.policy.operator,
    }
    page = TEMPLATES.get_template(template).render(frame | context)
    return html(page, language=language, status=status)


def html(page: str, *, language: str, status: int = 200) -> Response[str]:
    """An HTML answer with the headers of every page."""
    headers = {"Cache-Control": "private, no-cache", "Vary": VARY, "Content-Language": language}
    return Response(page, media_type="text/html", status_code=status, headers=headers)


def render_error(request: Request[Any, Any, Any], error: OmonatError, *, status: int, language: str) -> Response[str]:
    """An error as a page. It asks nothing of the database, which may be what is broken: no banner, no operator."""
    title, advice = told(language, error)
    frame = _frame(request, language) | texts(language, "site")
    frame |= {
        "title": title,
        "advice": advice,
        "description": "",
        "status": status,
        "home": "/console" if request.url.path.startswith(f"/{language}/console") else "/",
        "url": lambda path: f"/{language}{path}",
        "operator": None,
        "navigation": (),
        "banner": None,
    }
    return html(TEMPLATES.get_template("error.html").render(frame), language=language, status=status)


def told(language: str, error: OmonatError) -> tuple[str, str]:
    """What went wrong and what to do, in the reader's language. A place without a value is left out."""
    details = defaultdict(str, {name: str(value) for name, value in error.details.items()})
    message, advice = (translate(language, "errors", text) for text in (error.message, error.what_to_do))
    return message.format_map(details), advice.format_map(details)


def _frame(request: Request[Any, Any, Any], language: str) -> dict[str, Any]:
    base = str(omonat_of(request).settings.base_url).rstrip("/")
    alternates = _alternates(request, language, base)
    own = next(alternate for alternate in alternates if alternate.current)
    return {"language": language, "base_url": base, "alternates": alternates, "canonical": own.absolute}


def _alternates(request: Request[Any, Any, Any], language: str, base: str) -> tuple[Alternate, ...]:
    """The page in the four languages; a page that has no language of its own leads to the start."""
    first, _, rest = request.url.path.strip("/").partition("/")
    path = f"/{rest}" if first in LANGUAGES else "/"
    query = f"?{request.url.query}" if request.url.query and first in LANGUAGES else ""
    return tuple(
        Alternate(code, LANGUAGE_NAMES[code], f"/{code}{path}{query}", f"{base}/{code}{path}{query}", code == language)
        for code in LANGUAGES
    )


def _navigation(visit: Visit) -> tuple[Link, ...]:
    said = partial(translate, visit.language, "site")
    pages = (("/", said("Services")), ("/policy", said("Privacy")), ("/contact", said("Contact")),
             ("/my", said("My data")))  # fmt: skip
    return tuple(Link(visit.url(path), text, _is_current(visit.path, path)) for path, text in pages)


def _is_current(here: str, path: str) -> bool:
    return here == path or (path != "/" and here.startswith(f"{path}/"))


class Banner(NamedTuple):
    """The question about cookies: the exact text, which purposes it `asked` about, and where to come back to.

    `shown`: hash of the whole notice, of which the text says what has not been answered yet.
    `came`: the kind of page that led to this one. It is in the page and kept nowhere, unless the person agrees.
    """

    text: Markup
    back: str
    came: str
    shown: str
    asked: str


def banner_of(visit: Visit) -> Banner:
    """The banner of a page. After sending it leads back to the page, or to the start when the page was not a GET."""
    text, shown = visit.omonat.consents.banner_text(visit.language, visit.to_ask)
    back = visit.request.url.path + visit.query if visit.request.method == "GET" else visit.url("/")
    asked = " ".join(visit.to_ask)
    return Banner(linked(visit, text), back, source_of_call(visit.request.headers), shown, asked)


def linked(visit: Visit, text: str) -> Markup:
    """A notice with its words about the policy made the link to it; the words stay as they are hashed."""
    words = policy_link_words(visit.policy, visit.language)
    before, found, after = text.rpartition(words)
    if not found:
        return Markup(escape(text))  # noqa: S704 - escaped
    link = Markup('<a href="{}">{}</a>').format(visit.url("/policy"), words)
    return Markup("{}{}{}").format(before, link, after)
