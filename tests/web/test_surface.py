"""The surface that OpenAPI describes, asked by schemathesis: nothing brings the server down, and nothing is answered that
is not described.

Imported by pytest alone.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance
from starlette.types import Receive, Scope, Send

from server import staff
from server.web.frame import API, SESSION_COOKIE
from tests.browser.serving import serving
from tests.web.stage import House, pages
from tests.web.test_api import make

STREAM = "/su-kien"
"""It never ends for who is signed in."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
EXAMPLES = 25
WITHIN_S = 20


DESCRIBED = pages().openapi()
"""Described once: each route is asked on a house of its own, and describing takes longer than asking."""

SCHEMA = schemathesis.openapi.from_dict(DESCRIBED)


def _routes() -> list[tuple[str, str]]:
    """Method and path of all, known before there is a house."""
    return [(method.upper(), path) for path, methods in DESCRIBED["paths"].items() for method in methods]


class Before:
    """The pages of the house that stands now: one server for all."""

    house: House

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A request for whoever stands there; a server begins and ends without."""
        await (pages() if scope["type"] == "lifespan" else self.house.served)(scope, receive, send)


@pytest.fixture(scope="module")
def before() -> Iterator[tuple[Before, str]]:
    """Where a house is put, and the address at which it is asked."""
    place = Before()
    with serving(place) as address:
        yield place, address


@pytest.fixture
def address(house: House, before: tuple[Before, str]) -> str:
    before[0].house = house
    return before[1]


def people(house: House) -> list[dict[str, str]]:
    """The cookies of a stranger, an editor, an approver, an administrator."""
    return [{}, *({SESSION_COOKIE: house.session(username)} for username in ("bientap", "pheduyet", "quantri"))]


def values(house: House) -> dict[str, list[str]]:
    """Names that there are, so that not every question ends at the door."""
    broadcast = house.write()
    clips = [path.stem for path in house.archive.folder.glob("*.mp3")]
    return {
        "broadcast": [broadcast],
        "name": clips,
        "bulletin": ["bt-0001"],
        "device": ["loa-mau-6", "loa-mau-1"],
        "area": ["thon-mau-ta-chai", "tinh-lao-cai"],
        "staff": ["tinh", "quantri", "trucbao"],
        "grant": ["1", "2"],
        "session": [staff.hashed(house.session("bientap"))[:16]],
    }


@pytest.mark.parametrize(("method", "path"), _routes())
def test_the_surface_is_as_it_is_described(house: House, address: str, method: str, path: str) -> None:
    operation: Any = SCHEMA[path][method]
    known, callers, secrets = values(house), people(house), [f"Bearer {make(house)}"] * 5
    house.desk.settings.api_per_minute = 1_000
    if path == STREAM:
        callers = callers[:1]
    kinds = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @given(st.one_of(kinds), st.sampled_from(callers), st.data())
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def ask(case: Any, caller: dict[str, str], data: st.DataObject) -> None:
        for name, there in known.items():
            if name in case.path_parameters and data.draw(st.booleans()):
                case.path_parameters[name] = data.draw(st.sampled_from(there))
        if path.startswith(API):  # now and then without a token, and with one that opens
            case.headers["authorization"] = data.draw(st.sampled_from([*secrets, "Bearer x", "Basic eDp5", ""]))
        answer = case.call(base_url=address, cookies=caller, allow_redirects=False, timeout=WITHIN_S)
        case.validate_response(answer, checks=CHECKS)

    ask()
