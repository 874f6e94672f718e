"""Floor 5: single sign-on by OpenID Connect (Core 1.0): Authorization Code with PKCE, state and nonce (clause 6.2).

The provider says who somebody is (`issuer` and `sub`) and whether it saw a second factor. Which account that is, only
the account's owner or an invitation says (`staff.StaffSignIn`); names and e-mail addresses of the token are not read.
Nothing that the provider sends is believed before its signature, issuer, audience, time and nonce are checked.
Libraries are imported where they are asked, because they cost every command 0.1 s that only signing in needs.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import quote, urlencode

import msgspec

from omonat.kernel.codec import from_json
from omonat.kernel.errors import Misconfigured
from omonat.kernel.secret import Sealed
from omonat.kernel.settings import Oidc, is_safe_address
from omonat.staff import SingleSignOnFailed

if TYPE_CHECKING:
    import httpx
    from joserfc.jwk import KeySetSerialization

ALGORITHMS = ["RS256", "ES256"]  # signatures only: `none` and HMAC under a public key are no proof of anything
SECOND_FACTOR_ACR = frozenset({"phr", "phrh", "https://refeds.org/profile/mfa"})
_LEEWAY_SECONDS = 60
_LONGEST = 100_000
_KEPT = timedelta(hours=1)


class Identity(NamedTuple):
    """Who came back. `has_second`: the provider says that it saw more than a password (RFC 8176 `mfa`)."""

    issuer: str
    subject: Sealed[str]
    has_second: bool


class Trip(NamedTuple):
    """What one trip to the provider is bound to: where it comes back to, and values that only we can make."""

    redirect_uri: str
    nonce: str
    verifier: str


class SignOn:
    """One provider, as the settings name it."""

    def __init__(self, settings: Oidc) -> None:
        """Raises Misconfigured where secrets would cross the network in clear."""
        if not is_safe_address(settings.issuer):
            raise Misconfigured(
                what="[oidc] issuer is not https: whoever listens could sign in as the staff.",
                fix="Set issuer to https://... in omonat.toml; plain http is for this machine only.",
            )
        self._settings = settings
        self._facts: dict[str, Any] = {}
        self._facts_until: datetime | None = None

    @property
    def issuer(self) -> str:
        """The provider's name for itself."""
        return self._settings.issuer

    def address(self, trip: Trip, state: str, now: datetime) -> str:
        """Where the browser is sent. Raises SingleSignOnFailed when the provider does not answer."""
        challenge = _text(sha256(trip.verifier.encode()).digest())
        query = {
            "response_type": "code", "client_id": self._settings.client_id, "redirect_uri": trip.redirect_uri,
            "scope": "openid", "state": state, "nonce": trip.nonce, "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        start = self._endpoint("authorization_endpoint", now)
        return f"{start}{'&' if '?' in start else '?'}{urlencode(query)}"

    def identify(self, trip: Trip, code: str, now: datetime) -> Identity:
        """Exchange the code and check the token. Raises SingleSignOnFailed for whatever is not as it must be."""
        with self._client() as client:
            answer = self._token(client, trip, code, now)
            keys = _json(client, "GET", self._endpoint("jwks_uri", now))
        return self._checked(answer.get("id_token"), keys, trip.nonce, now)

    def _token(self, client: httpx.Client, trip: Trip, code: str, now: datetime) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": trip.redirect_uri,
            "code_verifier": trip.verifier,
        }  # fmt: skip
        secret = self._secret()
        headers = {}
        if "client_secret_basic" in self._facts.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            pair = f"{quote(self._settings.client_id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self._settings.client_id, "client_secret": secret}
        return _json(client, "POST", self._endpoint("token_endpoint", now), data=form, headers=headers)

    def _checked(self, token: object, keys: dict[str, Any], nonce: str, now: datetime) -> Identity:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        must = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True}, exp={"essential": True}, iat={"essential": True},
        )  # fmt: skip
        try:
            claims = jwt.decode(
                str(token), KeySet.import_key_set(cast("KeySetSerialization", keys)), algorithms=ALGORITHMS
            ).claims
            must.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise SingleSignOnFailed from error
        party = claims.get("azp", self._settings.client_id if _is_alone(claims["aud"]) else None)
        if party != self._settings.client_id or not 0 < len(claims["sub"]) <= 255:
            raise SingleSignOnFailed
        return Identity(self._settings.issuer, Sealed(claims["sub"]), _has_second(claims))

    def _endpoint(self, name: str, now: datetime) -> str:
        """An address of the provider's description, which must be of the issuer that the settings name."""
        if self._facts_until is None or now >= self._facts_until:
            place = f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration"
            with self._client() as client:
                facts = _json(client, "GET", place)
            if facts.get("issuer") != self._settings.issuer:
                raise SingleSignOnFailed
            self._facts, self._facts_until = facts, now + _KEPT
        found = self._facts.get(name)
        if not isinstance(found, str) or not is_safe_address(found):
            raise SingleSignOnFailed
        return found

    def _secret(self) -> str:
        path = Path(self._settings.client_secret_file)
        try:
            return path.read_text("utf-8").strip()
        except OSError as error:
            what = f"The file of [oidc] client_secret_file cannot be read ({type(error).__name__})."
            raise Misconfigured(what=what, fix="Write the secret there, readable by the server's user only.") from error

    def _client(self) -> httpx.Client:
        import httpx

        return httpx.Client(timeout=self._settings.timeout, follow_redirects=False, trust_env=False)


def _json(client: httpx.Client, method: str, address: str, **options: Any) -> dict[str, Any]:
    """A JSON object by one call. Raises SingleSignOnFailed for anything else, and for one that does not end."""
    import httpx

    try:
        with client.stream(method, address, **options) as answer:
            content = b""
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > _LONGEST:
                    raise SingleSignOnFailed
        if answer.status_code != httpx.codes.OK:
            raise SingleSignOnFailed
        return from_json(content, dict[str, Any])
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError) as error:
        raise SingleSignOnFailed from error


def _is_alone(audience: object) -> bool:
    return isinstance(audience, str) or (isinstance(audience, list) and len(audience) == 1)


def _has_second(claims: dict[str, Any]) -> bool:
    methods = claims.get("amr")
    return (isinstance(methods, list) and "mfa" in methods) or claims.get("acr") in SECOND_FACTOR_ACR


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
