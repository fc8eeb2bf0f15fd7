"""The JSON API as a whole, and its description: for programs (OpenAPI), and for people.

Imported by `server.app`. Whoever wants to know what may be asked needs no token.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response

from server.web import api_posting_pages, api_reading_pages, event_pages
from server.web.api_door import ApiDoor
from server.web.documented import bytes_of
from server.web.frame import API, Frame

DESCRIPTION = f"{API}/openapi.json"


class Field(msgspec.Struct, frozen=True):
    """A field or a parameter, for the page."""

    name: str
    kind: str
    says: str
    required: bool = False


class Call(msgspec.Struct, frozen=True):
    """What may be asked, for the page."""

    method: str
    path: str
    says: str
    given: tuple[Field, ...]
    body: str
    answer: str


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router, door = APIRouter(), ApiDoor(frame)
    router.include_router(api_reading_pages.routes(frame, door))
    router.include_router(api_posting_pages.routes(frame, door))
    router.include_router(event_pages.routes(frame, door))

    @router.get(DESCRIPTION, responses=bytes_of("application/json"))
    def description(request: Request) -> Response:
        return JSONResponse(described(request.app), headers={"cache-control": "no-store"})

    @router.get(API)
    def page(request: Request) -> Response:
        found = described(request.app)
        shapes = found["components"]["schemas"]
        named = {name: tuple(_fields(shape)) for name, shape in shapes.items() if "properties" in shape}
        brought = [
            Call("", name, call["post"].get("summary", ""), (), "", "EventShape")
            for name, call in found.get("webhooks", {}).items()
        ]
        calls = list(_calls(found))
        return frame.page(request, "api.html", calls=calls, brought=brought, shapes=named, address=DESCRIPTION)

    return router


def described(app: FastAPI) -> dict[str, Any]:
    """The description of the API alone: the pages are nobody's interface."""
    whole = app.openapi()
    paths = {p: told for p, told in whole["paths"].items() if p.startswith(f"{API}/") and p != DESCRIPTION}
    found = {**whole, "info": {"title": "Loa Bản", "version": "1"}, "paths": paths}
    schemas, named = whole["components"]["schemas"], dict[str, Any]()
    wanted = _named_in(paths) | _named_in(whole.get("webhooks", {}))
    while wanted - named.keys():
        named |= {name: schemas[name] for name in wanted}
        wanted = _named_in(named)
    kept = {name: named[name] for name in sorted(named)}
    return {**found, "components": {**whole["components"], "schemas": kept}}


def _named_in(part: Any) -> set[str]:
    """The shapes that a part of the description speaks of."""
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(part)))


def _calls(found: dict[str, Any]) -> Iterator[Call]:
    for path, methods in found["paths"].items():
        for method, call in methods.items():
            given = tuple(
                Field(each["name"], _kind(each["schema"]), each.get("description", ""), each.get("required", False))
                for each in call.get("parameters", ())
            )
            body = call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            answers = (call["responses"].get(status, {}).get("content", {}) for status in ("200", "201"))
            bodies = [each["application/json"]["schema"] for each in answers if "application/json" in each]
            told: dict[str, Any] = bodies[0] if bodies else {}
            yield Call(method.upper(), path, call.get("summary", ""), given, _kind(body), _kind(told))


def _fields(shape: dict[str, Any]) -> Iterator[Field]:
    for name, schema in shape["properties"].items():
        yield Field(name, _kind(schema), schema.get("description", ""), name in shape.get("required", ()))


def _kind(schema: dict[str, Any]) -> str:
    """What may stand there, in few words."""
    if not schema:
        return ""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        return " | ".join(_kind(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    if schema.get("type") == "object":
        return f"{{string: {_kind(schema.get('additionalProperties', {}))}}}"
    return str(schema.get("format") or schema.get("type", ""))
