"""A real OpenID provider on loopback, and somebody who sits between it and the server and changes what it says.

Imported by the tests of signing in with the province's account.
"""

import contextlib
import io
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

import oidc_provider_mock
import requests
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

CLIENT, SECRET = "loa-ban", "client-secret"
WITHIN_S = 5
Tamper = Callable[[dict[str, Any]], dict[str, Any]]


class Province:
    """The provider, and what went on there. `tamper` changes the answer of the token endpoint; `down`: the provider
    answers no more; `asked`: forms that its token endpoint got."""

    def __init__(self) -> None:
        self._app = oidc_provider_mock.app()
        self.tamper: Tamper | None = None
        self.says: Tamper | None = None
        self.down = False
        self.asked: list[dict[str, str]] = []
        self.address = ""

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if self.down:
            return Response("out of order", 503)(environ, start)
        if environ["PATH_INFO"] == "/oauth2/token":
            return self._token(environ, start)
        if environ["PATH_INFO"].startswith("/.well-known/") and self.says is not None:
            said = self.says(json.loads(Response.from_app(self._app, environ).get_data()))
            return Response(json.dumps(said), 200, mimetype="application/json")(environ, start)
        return self._app(environ, start)

    def _token(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        self.asked.append({name: values[0] for name, values in parse_qs(body.decode()).items()})
        environ["wsgi.input"] = io.BytesIO(body)
        answer = Response.from_app(self._app, environ)
        if self.tamper is not None and answer.status_code == 200:
            answer = Response(json.dumps(self.tamper(json.loads(answer.get_data()))), 200, mimetype="application/json")
        return answer(environ, start)

    def knows(self, sub: str, **claims: object) -> None:
        """Somebody has an account there."""
        answer = requests.put(f"{self.address}/users/{sub}", json=claims, timeout=WITHIN_S)
        assert answer.status_code == 204

    def sign_in(self, asked: str, sub: str) -> dict[str, str]:
        """What the provider sends back with a browser in which somebody signs in there."""
        answer = requests.post(asked, data={"sub": sub}, allow_redirects=False, timeout=WITHIN_S)
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


@contextlib.contextmanager
def province() -> Iterator[Province]:
    """A provider that listens as long as the block lasts."""
    served = Province()
    server = make_server("127.0.0.1", 0, served, threaded=True)
    served.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="province")
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
        assert not thread.is_alive(), "the provider does not stop"
