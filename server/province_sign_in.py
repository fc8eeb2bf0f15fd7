"""Signing in with the province's own account (OpenID Connect): what is asked of the provider, and who is let in on its
word. It never makes an account and never gives a right: it only says who somebody is.

Imported by the web, composition roots and tests; `server.oidc` is the provider.
"""

from typing import Protocol

import msgspec

from schedules.clock import MINUTE, UtcMs
from server.repositories.store import Store
from server.staff import FRESH, Door, SignedIn, SignInRefused, Visit, admit
from server.vault import Vault

ROUND_WITHIN = 10 * MINUTE
"""From leaving for the provider to coming back."""
_ABOUT = "province sign-in"


class ProviderDown(Exception):
    """The provider cannot be reached, or does not answer as one."""


class ProviderRefused(Exception):
    """What came back is not believed, or the provider said no."""


class Identity(msgspec.Struct, frozen=True):
    """Whom the provider vouches for. `second_factor`: it says that they showed one, and that counts here; `at`: when
    they showed who they are, 0 where it does not say."""

    username: str
    second_factor: bool = False
    at: UtcMs = 0


class IdentityProvider(Protocol):
    """The province's single sign-on."""

    def address(self, back: str, leaving: "Leaving") -> str:
        """Where to send a browser that is to come back to `back`. Raises `ProviderDown`."""

    def identity(self, back: str, code: str, leaving: "Leaving", now: UtcMs) -> Identity:
        """Whom the code is about. Raises `ProviderDown`, `ProviderRefused`."""


class Leaving(msgspec.Struct, frozen=True):
    """What a browser takes along, sealed, and has to bring back: the three secrets of this one round, where it wanted
    to go, and when it left. `again`: somebody is to show anew who they are, even to a provider that knows them."""

    state: str
    nonce: str
    verifier: str
    wanted: str
    at: UtcMs
    again: bool = False


def sealed(vault: Vault, leaving: Leaving) -> str:
    """For the browser to keep; it can neither read nor change it."""
    return vault.seal(_ABOUT, msgspec.json.encode(leaving).decode())


def opened(vault: Vault, kept: str, state: str, now: UtcMs) -> Leaving:
    """What a browser brings back. Raises `ProviderRefused` where it is none of ours, too old, or of another round."""
    said = vault.open(_ABOUT, kept) if kept else None
    if said is None:
        raise ProviderRefused("no round of this browser")
    leaving = msgspec.json.decode(said, type=Leaving)
    if not 0 <= now - leaving.at <= ROUND_WITHIN:
        raise ProviderRefused("too late")
    if not state or state != leaving.state:
        raise ProviderRefused("of another round")
    return leaving


def enter(
    store: Store, door: Door, identity: Identity, visit: Visit, now: UtcMs, token: str
) -> SignedIn | SignInRefused:
    """Let somebody in on the provider's word: who has an account here that is not switched off. Their own second factor
    is asked for, unless the provider's counts."""
    found = store.staff.find(identity.username.strip().lower())
    if found is None or found.disabled_at:
        return SignInRefused.unknown_here
    owes = door.asks_codes and found.second_factor and not identity.second_factor
    shown_at = identity.at if 0 <= now - identity.at < FRESH else 0
    return admit(
        store,
        found,
        visit,
        now,
        token,
        owes_code=owes,
        how="province, code" if identity.second_factor else "province",
        confirmed_at=shown_at,
        vouched=identity.second_factor,
    )
