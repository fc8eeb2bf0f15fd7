"""One's own account: the password, and where one is signed in. The use cases of everybody.

Imported by the web, the use cases of administrators and tests.
"""

from collections.abc import Iterable

from schedules.clock import UtcMs
from server.access import Person
from server.passwords import PasswordFault, composed, fault_of
from server.repositories.store import Store
from server.staff import Hasher, Standing


def change_password(
    store: Store, hasher: Hasher, standing: Standing, password: str, again: str, now: UtcMs
) -> PasswordFault | None:
    """A new password, if it is strong enough; every other session ends. None: it holds."""
    person = standing.person
    account = store.staff.account(person.id)
    fault = fault_of(password, names_around(store, person))
    if fault is None and composed(password) != composed(again):
        fault = PasswordFault.different
    if fault is None and account is not None and hasher.verify(composed(password), account.password_hash):
        fault = PasswordFault.same
    if fault is not None:
        return fault
    store.staff.set_password(person.id, hasher.hash(composed(password)))
    ended = store.sessions.end_of(person.id, but=standing.session)
    store.trail.note(now, person, "password", person.id, after=f"{ended} sessions ended")
    return None


def end_session(store: Store, person: Person, session: str, now: UtcMs) -> None:
    """End one of one's own sessions; what is none of them is left alone."""
    if session and store.sessions.end_of(person.id, key=session):
        store.trail.note(now, person, "end_session", person.id, before=session)


def end_other_sessions(store: Store, standing: Standing, now: UtcMs) -> None:
    """Sign out everywhere else."""
    ended = store.sessions.end_of(standing.person.id, but=standing.session)
    store.trail.note(now, standing.person, "end_session", standing.person.id, before=f"{ended} sessions")


def names_around(store: Store, person: Person) -> Iterable[str]:
    """What somebody who knows this person would try as a password: their names, and those of their places."""
    account = store.staff.account(person.id)
    ids = {id_ for grant in person.grants for id_ in grant.area_path.strip("/").split("/")}
    areas = store.areas.named({*ids, account.home if account else ""})
    return (person.username, person.display_name, *(area.name for area in areas.values()))
