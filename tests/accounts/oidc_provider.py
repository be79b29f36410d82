"""A small OpenID Connect provider on 127.0.0.1: discovery, authorisation code, token, keys, user info.

OpenID Connect Core 1.0, section 3.1. Whoever comes is the person in `claims`, without being asked.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID = "moothall"
CLIENT_SECRET = "a secret of the tests"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.audience = CLIENT_ID
        self.refuses = False
        self.claims: dict[str, object] = {}
        self.codes: dict[str, dict[str, object]] = {}
        self.tokens: dict[str, dict[str, object]] = {}


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, format: str, *arguments: object) -> None:
        """The tests' output has no lines of a web server."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/.well-known/openid-configuration":
            self._answer(self._configuration())
        elif path == "/authorize":
            self._authorize()
        elif path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            self._answer({"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]})
        elif path == "/userinfo":
            claims = self.server.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
            self._answer(claims or {"error": "invalid_token"}, 200 if claims else 401)
        else:
            self._answer({"error": "not_found"}, 404)

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        claims = self.server.codes.pop(asked.get("code", [""])[0], None)
        if asked.get("client_secret") != [CLIENT_SECRET] or claims is None:
            self._answer({"error": "invalid_grant"}, 400)
            return
        token = secrets.token_urlsafe()
        self.server.tokens[token] = claims
        times = {"iat": int(time.time()), "exp": int(time.time()) + 60}
        payload = claims | times | {"iss": self.server.issuer, "aud": self.server.audience}
        signed = jwt.encode(payload, KEY, "RS256", headers={"kid": "one"})
        self._answer({"access_token": token, "token_type": "Bearer", "expires_in": 60, "id_token": signed})

    def _authorize(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        answer = {"state": asked["state"]}
        if self.server.refuses:
            answer["error"] = "access_denied"
        else:
            answer["code"] = secrets.token_urlsafe()
            self.server.codes[answer["code"]] = dict(self.server.claims)
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(answer)}")
        self.end_headers()

    def _configuration(self) -> dict[str, object]:
        issuer = self.server.issuer
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def _answer(self, content: dict[str, object], status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running() -> Iterator[Provider]:
    with Provider() as provider:
        thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield provider
        provider.shutdown()
        thread.join()
