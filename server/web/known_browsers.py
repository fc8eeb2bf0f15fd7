"""Browsers in which somebody has signed in before: a signed cookie for each person, so that a stranger who guesses a
password elsewhere does not lock its owner out here.

Imported by the pages of the door.
"""

import hashlib

from fastapi import Request
from fastapi.responses import Response

from server.staff import Visit
from server.vault import Vault

_YEAR_S = 365 * 24 * 3600


def visit(request: Request, vault: Vault, username: str) -> Visit:
    """Where this person knocks from."""
    name, _, mark = request.cookies.get(_cookie(username), "").partition(".")
    known = bool(name) and vault.marked(mark, "browser", username.strip().lower(), name)
    address = request.client.host if request.client else ""
    return Visit(address, request.headers.get("user-agent", ""), name if known else "")


def remember(answer: Response, vault: Vault, username: str, name: str) -> None:
    """This browser is known for them from now on, by this name."""
    mark = vault.mark("browser", username.strip().lower(), name)
    answer.set_cookie(_cookie(username), f"{name}.{mark}", max_age=_YEAR_S, httponly=True, samesite="lax")


def _cookie(username: str) -> str:
    """One for each person, for computers that are shared; what it is called does not say whose it is."""
    return f"loaban_known_{hashlib.sha256(username.strip().lower().encode()).hexdigest()[:12]}"
