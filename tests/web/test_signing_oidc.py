"""Single sign-on against a real provider that can misbehave: who is let in, and who is not (6.2)."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from web.signing_world import App, new_account, with_app

from harness.installation import new_installation
from harness.oidc_provider import CLIENT, SECRET, OidcProvider
from harness.people import Visitor
from harness.server import Server
from omonat.kernel.errors import Misconfigured
from omonat.kernel.settings import Oidc
from omonat.oidc import SignOn, Trip
from omonat.staff import SingleSignOnFailed
from omonat.web import cookies

BACK = "/en/console/sign-in/oidc/back"


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    running = OidcProvider()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, provider: OidcProvider) -> Iterator[Server]:
    installation = new_installation(tmp_path_factory.mktemp("oidc"))
    secret = installation.home / "oidc-secret"
    secret.write_text(SECRET + "\n")
    settings = installation.data / "omonat.toml"
    settings.write_text(settings.read_text() + provider.settings(str(secret)))
    running = Server(installation)
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def well_behaved(provider: OidcProvider) -> None:
    provider.amr, provider.algorithm, provider.lies = ["pwd"], "RS256", {}
    provider.refuses = provider.replays = provider.down = False
    provider.bend = lambda _claims: None


def travel(member: Visitor, page: httpx.Response) -> str:
    """Follow the page that leads to the provider, and come back: the path of ours with code and state."""
    assert page.status_code == 200, page.text
    found = re.search(r'<a class="button" href="([^"]+)" rel="noreferrer">', page.text)
    assert found and page.headers["refresh"] == f"0; url={html.unescape(found[1])}"
    answer = httpx.get(html.unescape(found[1]), trust_env=False)
    back = answer.headers["location"]
    assert back.startswith(member.server.url + BACK)
    return back.removeprefix(member.server.url)


def leave(server: Server, to: str = "", language: str = "en") -> tuple[Visitor, str]:
    member = Visitor(server, language)
    shown = f"/console/sign-in?to={to}" if to else "/console/sign-in"
    return member, travel(member, member.send("/console/sign-in/oidc", shown_at=shown))


def bound(server: Server, provider: OidcProvider, name: str) -> App:
    """An account whose owner has bound the provider's subject of the same name."""
    member, app = with_app(server, name, "support")
    provider.subject = f"sub of {name}"
    back = travel(member, member.send("/console/account/oidc", shown_at="/console/account"))
    assert "bound to the sign-in" in member.get(back).text
    return app


def test_a_bound_identity_with_one_factor_still_asks_our_second(server: Server, provider: OidcProvider) -> None:
    app = bound(server, provider, "Anvar")
    member, back = leave(server, to="/en/console/account")
    answer = member.get(back)
    assert answer.url.path == "/en/console/sign-in/second"
    assert member.get("/console/account").url.path == "/en/console/sign-in"
    member, back = leave(server, to="/en/console/account")
    shown = member.get(back)
    form = member.form_to(shown, "/console/sign-in/second")
    assert form.fields["to"] == "/en/console/account"
    assert member.post("/console/sign-in/second", {**form.fields, "code": app.code()}).url.path == "/en/console/account"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_provider_that_saw_two_factors_is_enough(server: Server, provider: OidcProvider, algorithm: str) -> None:
    bound(server, provider, f"Barno {algorithm}")
    provider.amr, provider.algorithm = ["pwd", "otp", "mfa"], algorithm
    member, back = leave(server, to="/en/console/account")
    before = member.cookies[cookies.STAFF]
    answer = member.get(back)
    assert answer.url.path == "/en/console/account" and "sign-in of the organisation" in answer.text
    assert member.cookies[cookies.STAFF] != before


def test_the_reader_comes_back_in_his_language(server: Server, provider: OidcProvider) -> None:
    bound(server, provider, "Zarina")
    provider.amr = ["mfa"]
    member, back = leave(server, language="ru")
    assert member.get(back).url.path.rstrip("/") == "/ru/console"


def test_an_identity_that_nobody_bound_opens_nothing_whatever_its_address(
    server: Server, provider: OidcProvider
) -> None:
    new_account(server, "director@example.uz", "administrator")  # the token says this e-mail address
    provider.subject, provider.amr = "somebody unknown", ["mfa"]
    member, back = leave(server)
    answer = member.get(back)
    assert answer.status_code == 422 and "did not succeed" in answer.text
    assert member.get("/console/account").url.path == "/en/console/sign-in"


def _set(name: str, value: object):  # type: ignore[no-untyped-def]  # a function that bends claims
    return lambda claims: claims.update({name: value})


@pytest.mark.parametrize(
    ("what", "bend"),
    [
        ("wrong nonce", _set("nonce", "another")), ("no nonce", lambda claims: claims.pop("nonce")),
        ("wrong audience", _set("aud", "another-client")), ("several audiences", _set("aud", ["omonat-console", "x"])),
        ("wrong party", _set("azp", "another-client")), ("wrong issuer", _set("iss", "http://localhost:1")),
        ("run out", _set("exp", 1_700_000_000)), ("no end", lambda claims: claims.pop("exp")),
        ("of the future", _set("iat", 4_000_000_000)), ("no subject", lambda claims: claims.pop("sub")),
        ("empty subject", _set("sub", "")), ("a number as subject", _set("sub", 7)),
    ],
)  # fmt: skip
def test_a_token_that_is_not_for_this_trip_opens_nothing(
    server: Server, provider: OidcProvider, what: str, bend: object
) -> None:
    bound(server, provider, f"Claims {what}")
    provider.amr, provider.bend = ["mfa"], bend  # type: ignore[assignment]  # one of the functions above
    member, back = leave(server)
    answer = member.get(back)
    assert answer.status_code == 422, what
    assert member.get("/console/account").url.path == "/en/console/sign-in"


@pytest.mark.parametrize("algorithm", ["none", "HS256", "stranger"])
def test_a_token_without_the_providers_signature_opens_nothing(
    server: Server, provider: OidcProvider, algorithm: str
) -> None:
    bound(server, provider, f"Signed {algorithm}")
    provider.amr, provider.algorithm = ["mfa"], algorithm
    member, back = leave(server)
    assert member.get(back).status_code == 422


def test_a_trip_ends_once_and_in_the_browser_that_began(server: Server, provider: OidcProvider) -> None:
    bound(server, provider, "Sevara")
    provider.amr = ["mfa"]
    member, back = leave(server)
    held = member.cookies[cookies.STAFF]
    thief = Visitor(server, "en")  # has the address with code and state, and no cookie
    assert thief.get(back).status_code == 422
    assert member.get(back).url.path.rstrip("/") == "/en/console"
    provider.replays = True  # even a provider that takes a code twice
    again = Visitor(server, "en")
    again.cookies[cookies.STAFF] = held
    assert again.get(back).status_code == 422


def test_a_code_of_another_trip_is_refused(server: Server, provider: OidcProvider) -> None:
    """An attacker's own code put into a victim's trip: nonce and PKCE belong to one trip each."""
    bound(server, provider, "Temur")
    provider.amr = ["mfa"]
    _, foreign = leave(server)
    member, back = leave(server)
    code, own = (parse_qs(urlsplit(path).query)["code"][0] for path in (foreign, back))
    assert member.get(back.replace(own, code)).status_code == 422
    provider.replays = True
    member, back = leave(server)
    own = parse_qs(urlsplit(back).query)["code"][0]
    assert member.get(back.replace(own, code)).status_code == 422


def test_a_bind_that_somebody_else_began_ends_nowhere(server: Server, provider: OidcProvider) -> None:
    attacker, _ = with_app(server, "Ulugʻbek", "support")
    provider.subject = "sub of the attacker"
    back = travel(attacker, attacker.send("/console/account/oidc", shown_at="/console/account"))
    victim, _ = with_app(server, "Vohid", "administrator")
    assert victim.get(back).status_code == 422
    assert "Not bound to your account" in victim.get("/console/account").text


def test_an_identity_belongs_to_one_account(server: Server, provider: OidcProvider) -> None:
    bound(server, provider, "Xurshid")
    other, _ = with_app(server, "Yusuf", "support")
    back = travel(other, other.send("/console/account/oidc", shown_at="/console/account"))
    assert other.get(back).status_code == 422
    assert "Not bound to your account" in other.get("/console/account").text


def test_unbinding_ends_it(server: Server, provider: OidcProvider) -> None:
    member, _ = with_app(server, "Oydin", "support")
    provider.subject, provider.amr = "sub of Oydin", ["mfa"]
    member.get(travel(member, member.send("/console/account/oidc", shown_at="/console/account")))
    assert "no longer bound" in member.send("/console/account/oidc/unbind", shown_at="/console/account").text
    late, back = leave(server)
    assert late.get(back).status_code == 422


def test_a_refusal_or_a_provider_that_is_down_is_said_plainly(server: Server, provider: OidcProvider) -> None:
    provider.refuses = True
    member, back = leave(server)
    answer = member.get(back)
    assert answer.status_code == 422 and "did not succeed" in answer.text
    provider.refuses = False
    member, back = leave(server)
    provider.down = True
    assert member.get(back).status_code == 422


def test_another_issuer_in_the_answer_is_refused(server: Server, provider: OidcProvider) -> None:
    bound(server, provider, "Gʻani")
    provider.amr = ["mfa"]
    member, back = leave(server)
    assert member.get(re.sub(r"iss=[^&]+", "iss=http%3A%2F%2Fevil.example", back)).status_code == 422


TRIP = Trip("http://localhost:8080" + BACK, "nonce", "verifier")


def sign_on(provider: OidcProvider, tmp_path: Path) -> SignOn:
    return SignOn(Oidc(issuer=provider.issuer, client_id=CLIENT, client_secret_file=str(tmp_path / "secret")))


@pytest.mark.parametrize(
    "lies",
    [{"issuer": "http://localhost:1"}, {"authorization_endpoint": "http://evil.example/"},
     {"authorization_endpoint": None}],
)  # fmt: skip
def test_a_description_that_is_not_the_issuers_own_leads_nowhere(
    provider: OidcProvider, tmp_path: Path, lies: dict[str, object]
) -> None:
    provider.lies = lies
    with pytest.raises(SingleSignOnFailed):
        sign_on(provider, tmp_path).address(TRIP, "state", datetime.now(UTC))


def test_a_provider_that_does_not_answer_is_an_error_of_ours(provider: OidcProvider, tmp_path: Path) -> None:
    provider.down = True
    with pytest.raises(SingleSignOnFailed):
        sign_on(provider, tmp_path).address(TRIP, "state", datetime.now(UTC))


def test_an_issuer_without_tls_is_a_wrong_setting() -> None:
    with pytest.raises(Misconfigured):
        SignOn(Oidc(issuer="http://idp.example.uz", client_id="x", client_secret_file="y"))


def test_a_secret_that_cannot_be_read_says_what_to_do(provider: OidcProvider, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="client_secret_file"):
        sign_on(provider, tmp_path).identify(TRIP, "code", datetime.now(UTC))
