"""The province's single sign-on, spoken to by Authlib: authorization code with PKCE, and an ID token that is believed
only when everything in it is right. A shell.

Imported by composition roots and tests.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from schedules.clock import SECOND, UtcMs
from server.province_sign_in import Identity, Leaving, ProviderDown, ProviderRefused

WITHIN_S = (3.05, 5.0)
"""To connect, and between two pieces of an answer."""
LEEWAY_S = 60
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures of a key that only the provider has: never `none`, and never one that the client's secret could make."""
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_LARGEST = 1_000_000
_NOT_DOWN = range(400, 500)


class InsecureIssuer(ValueError):
    """Its address is not HTTPS: whoever stands between could vouch for anybody."""


class Provider:
    """An OpenID provider. `claim`: of the ID token, holds the username here; `second_factors`: values of `amr` or `acr`
    that count as one. Raises `InsecureIssuer`."""

    def __init__(
        self,
        issuer: str,
        client: str,
        secret: str,
        claim: str,
        second_factors: tuple[str, ...] = (),
        within_s: tuple[float, float] = WITHIN_S,
    ) -> None:
        parts = urlsplit(issuer)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
            raise InsecureIssuer(issuer)
        self._issuer, self._client, self._secret = issuer.rstrip("/"), client, secret
        self._within_s = within_s
        self._claim, self._second_factors = claim, frozenset(second_factors)

    def address(self, back: str, leaving: Leaving) -> str:
        """Where to send a browser that is to come back to `back`. Raises `ProviderDown`."""
        more = {"prompt": "login", "max_age": "0"} if leaving.again else {}
        with self._session(back) as session:
            place = self._found(session)["authorization_endpoint"]
            address, _ = session.create_authorization_url(
                place, state=leaving.state, nonce=leaving.nonce, code_verifier=leaving.verifier, **more
            )
        return str(address)

    def identity(self, back: str, code: str, leaving: Leaving, now: UtcMs) -> Identity:
        """Whom the code is about. Raises `ProviderDown`, `ProviderRefused`."""
        with self._session(back) as session:
            found = self._found(session)
            token = self._token(session, found["token_endpoint"], code, leaving.verifier)
            keys = self._fetched(session, found["jwks_uri"])
        claims = self._believed(token, keys, found["issuer"], leaving.nonce, now)
        return self._identity(claims)

    def _session(self, back: str) -> Any:
        session = OAuth2Session(
            self._client,
            self._secret,
            scope="openid profile email",
            redirect_uri=back,
            code_challenge_method="S256",
            default_timeout=self._within_s,
        )
        session.max_redirects = 0
        return session

    def _found(self, session: Any) -> Mapping[str, Any]:
        """What the provider says of itself; it must be the one that was asked."""
        found = self._fetched(session, f"{self._issuer}/.well-known/openid-configuration")
        wanted = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
        if not all(isinstance(found.get(name), str) for name in wanted) or found["issuer"].rstrip("/") != self._issuer:
            raise ProviderDown("not the provider that was asked")
        plain = [found[name] for name in wanted[1:] if urlsplit(found[name]).scheme != urlsplit(self._issuer).scheme]
        if plain:
            raise ProviderDown(f"{plain[0]} is no address of it")
        return found

    def _fetched(self, session: Any, address: str) -> dict[str, Any]:
        try:
            answer = session.get(address, withhold_token=True, allow_redirects=False)
            answer.raise_for_status()
            if len(answer.content) > _LARGEST:
                raise ProviderDown("too much")
            return msgspec.json.decode(answer.content, type=dict[str, Any])
        except (requests.RequestException, msgspec.DecodeError) as error:
            raise ProviderDown(type(error).__name__) from error

    def _token(self, session: Any, address: str, code: str, verifier: str) -> Mapping[str, Any]:
        try:
            token = session.fetch_token(address, grant_type="authorization_code", code=code, code_verifier=verifier)
        except AuthlibBaseError as error:
            raise ProviderRefused(f"{error.error}: {error.description}") from error
        except requests.HTTPError as error:
            refused = error.response is not None and error.response.status_code in _NOT_DOWN
            raise (ProviderRefused if refused else ProviderDown)(str(error)) from error
        except (requests.RequestException, ValueError) as error:
            raise ProviderDown(type(error).__name__) from error
        if not isinstance(token, Mapping) or not isinstance(token.get("id_token"), str):
            raise ProviderRefused("no ID token")
        return token

    def _believed(
        self, token: Mapping[str, Any], keys: Mapping[str, Any], issuer: str, nonce: str, now: UtcMs
    ) -> Mapping[str, Any]:
        """The claims of an ID token that is signed by the provider, for this client, in this round, and in its time."""
        try:
            decoded = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": self._client}},
                {"nonce": nonce, "client_id": self._client, "access_token": token.get("access_token")},
            )
            claims.validate(now // SECOND, LEEWAY_S)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderRefused(f"ID token: {error}") from error
        return dict(claims)

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        username = claims.get(self._claim)
        if not isinstance(username, str) or not username.strip():
            raise ProviderRefused(f"no {self._claim}")
        if self._claim == "email" and claims.get("email_verified") is not True:
            raise ProviderRefused("email not verified")
        shown = claims.get("amr")
        shown = {*(shown if isinstance(shown, list) else ()), claims.get("acr")}
        at = claims.get("auth_time")
        return Identity(
            username,
            second_factor=any(isinstance(each, str) and each in self._second_factors for each in shown),
            at=int(at) * SECOND if isinstance(at, int | float) and not isinstance(at, bool) else 0,
        )
