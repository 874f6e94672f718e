"""A small OpenID Connect provider on loopback, with real signatures, that can be told to misbehave.

Discovery, authorize (who asks is signed in at once as `subject`), token (client secret, PKCE, a code once), JWKS.
"""

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

CLIENT, SECRET = "omonat-console", "a secret: of the client"
Claims = dict[str, Any]


class OidcProvider:
    """Listens until `stop`. `bend(claims)` changes the claims of the next tokens, `algorithm` how they are signed."""

    def __init__(self) -> None:
        self.subject, self.amr, self.algorithm = "subject-1", ["pwd"], "RS256"
        self.bend: Callable[[Claims], None] = lambda _claims: None
        self.refuses, self.replays, self.down = False, False, False
        self.lies: dict[str, Any] = {}  # instead of what discovery says
        self.keys: dict[str, RSAKey | ECKey] = {
            "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
            "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
        }
        self.other = RSAKey.generate_key(2048, {"kid": "rsa"})  # of somebody else, under our key's name
        self._codes: dict[str, dict[str, str]] = {}
        self._last: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        self._server.daemon_threads = True
        self.issuer = f"http://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self, secret_file: str) -> str:
        """Lines for omonat.toml."""
        return (
            f'\n[oidc]\nissuer = "{self.issuer}"\nclient_id = "{CLIENT}"\n'
            f'client_secret_file = "{secret_file}"\nlabel = "Idora"\n'
        )

    # --- what a browser asks ----------------------------------------------------------------------------------------

    def description(self) -> Claims:
        said = {
            "issuer": self.issuer,
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
        }
        places = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token")}
        return said | places | {"jwks_uri": f"{self.issuer}/jwks"} | self.lies

    def authorize(self, asked: dict[str, str]) -> str:
        """Back to who asked, with a code or a refusal."""
        state = {"state": asked["state"], "iss": self.issuer}
        if self.refuses:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', **state})}"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, **state})}"

    # --- what the client asks ---------------------------------------------------------------------------------------

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Claims]:
        if authorization != f"Basic {base64.b64encode(_pair().encode()).decode()}":
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None and self.replays:
            asked = self._last
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        if not self.replays and asked["code_challenge"] != _hashed(form.get("code_verifier", "")):
            return 400, {"error": "invalid_grant"}
        self._last = asked
        return 200, {"token_type": "Bearer", "access_token": "unused", "id_token": self.id_token(asked["nonce"])}

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims: Claims = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": nonce,
            "amr": self.amr, "email": "director@example.uz",
        }  # fmt: skip
        self.bend(claims)
        if self.algorithm == "none":
            head = _part({"alg": "none"})
            return f"{head}.{_part(claims)}."
        if self.algorithm == "HS256":  # signed with the public key as if it were a secret
            public = json.dumps(self.keys["RS256"].as_dict(private=False))
            return jwt.encode({"alg": "HS256", "kid": "rsa"}, claims, OctKey.import_key(public.encode()))
        if self.algorithm == "stranger":
            return jwt.encode({"alg": "RS256", "kid": "rsa"}, claims, self.other)
        key = self.keys[self.algorithm]
        return jwt.encode({"alg": self.algorithm, "kid": key.kid}, claims, key)

    def jwks(self) -> Any:
        return KeySet(list(self.keys.values())).as_dict(private=False)


def _pair() -> str:
    from urllib.parse import quote

    return f"{quote(CLIENT, safe='')}:{quote(SECRET, safe='')}"


def _hashed(verifier: str) -> str:
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _part(value: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _answering(provider: OidcProvider) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - a small server
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if provider.down:
                self._say(503, {})
            elif parts.path == "/.well-known/openid-configuration":
                self._say(200, provider.description())
            elif parts.path == "/jwks":
                self._say(200, provider.jwks())
            elif parts.path == "/authorization":
                self.send_response(302)
                self.send_header("Location", provider.authorize(asked))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._say(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            form = {name: unquote(values[0]) for name, values in parse_qs(body).items()}
            self._say(*provider.token(form, self.headers.get("Authorization", "")))

        def _say(self, status: int, value: Claims) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_given: object) -> None:
            """Nothing is printed."""

    return Answering
