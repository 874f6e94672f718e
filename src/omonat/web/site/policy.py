"""The policy as people read it: in force, every version, and the difference of any two (clauses 1.1, 9.1, 9.2)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from litestar import Response, get
from litestar.params import FromPath

from omonat.kernel.errors import NotFound
from omonat.kernel.language import translate
from omonat.web.site.comparison import compare
from omonat.web.site.counting import page
from omonat.web.visit import AnyRequest, Visit, open_visit

if TYPE_CHECKING:
    from omonat.policy import Version


class Listed(NamedTuple):
    """A version and the one before it."""

    version: "Version"
    previous: "Version | None"


def with_previous(versions: "Sequence[Version]") -> list[Listed]:
    """The newest first, each with its predecessor; `versions` come the oldest first."""
    pairs = [Listed(version, before) for before, version in zip([None, *versions], versions, strict=False)]
    return pairs[::-1]


@get("/{language:str}/policy", sync_to_thread=True)
def policy_in_force(request: AnyRequest) -> Response[Any]:
    """The text in force."""
    visit = open_visit(request)
    return _text(visit, visit.version)


@get("/{language:str}/policy/versions/{number:str}", sync_to_thread=True)
def policy_version(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """Any version, as it was. Raises NotFound."""
    visit = open_visit(request)
    return _text(visit, visit.omonat.policies.get(number))


def _text(visit: Visit, shown: "Version") -> Response[Any]:
    listed = with_previous(visit.omonat.policies.versions())
    return page(
        visit,
        "site/policy.html",
        title=translate(visit.language, "site", "Privacy policy, version {number}", number=shown.number),
        shown=shown,
        in_force=shown.hash == visit.version.hash,
        previous=next((it.previous for it in listed if it.version.number == shown.number), None),
        document=shown.document(visit.language),
        verbatim=shown.verbatim().decode() if shown.kind == "adopted" else None,
    )


@get("/{language:str}/policy/versions", sync_to_thread=True)
def policy_versions(request: AnyRequest) -> Response[Any]:
    """All versions, the newest first."""
    visit = open_visit(request)
    return page(
        visit,
        "site/versions.html",
        title=translate(visit.language, "site", "All versions"),
        versions=with_previous(visit.omonat.policies.versions()),
    )


@get("/{language:str}/policy/compare", sync_to_thread=True)
def compare_versions(request: AnyRequest) -> Response[Any]:
    """Two versions clause by clause; without `from` and `to` the one in force and the one before. Raises NotFound."""
    visit = open_visit(request)
    versions = visit.omonat.policies.versions()
    by_number = {version.number: version for version in versions}
    earlier = request.query_params.get("from") or versions[max(len(versions) - 2, 0)].number
    later = request.query_params.get("to") or versions[-1].number
    if earlier not in by_number or later not in by_number:
        raise NotFound
    return page(
        visit,
        "site/compare.html",
        title=translate(
            visit.language, "site", "What changed from version {earlier} to version {later}",
            earlier=earlier, later=later,
        ),
        comparison=compare(by_number[earlier], by_number[later], visit.language),
        earlier=earlier,
        later=later,
        numbers=list(by_number)[::-1],
    )  # fmt: skip
