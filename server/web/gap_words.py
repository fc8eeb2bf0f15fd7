"""What pages say of hamlets that would not hear all of their languages, and of who is asked to record them.

Imported by the pages.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import Request

from audio.clip import NO_LANGUAGE
from audio.language import VIETNAMESE, Language
from schedules.clock import UtcMs
from schedules.programme import BroadcastClass
from server import asking, covering, vetting
from server.access import Person, may_compose
from server.bulletins import BroadcastPage
from server.compose_form import ComposeForm
from server.coverage import Gap
from server.lifecycle import STANDING
from server.repositories.store import Store
from server.web.frame import Frame, language_name
from server.web.words import N_

SHARE = N_("%(language)s (%(share)s %% of the households)")


def told(
    frame: Frame, request: Request, languages: Mapping[str, Language], gaps: Sequence[Gap], *, oob: bool = False
) -> dict[str, Any]:
    """What the part `gaps.html` shows; `oob`: as something beside the answer, which htmx puts in its place."""

    def names(gap: Gap) -> str:
        return ", ".join(_named(frame, request, languages, gap, tag) for tag in gap.missing)

    def summed(rest: Iterable[Gap]) -> str:
        counted = Counter(tag for gap in rest for tag in gap.missing)
        return ", ".join(f"{language_name(languages, tag)}: {number}" for tag, number in counted.most_common())

    return {"gaps": gaps, "gap_names": names, "gap_sum": summed, "oob": oob}


def _named(frame: Frame, request: Request, languages: Mapping[str, Language], gap: Gap, tag: str) -> str:
    name, share = language_name(languages, tag), gap.area.shares.get(tag)
    return name if share is None else frame.say(request, SHARE, language=name, share=share)


def of_form(frame: Frame, request: Request, person: Person, form: ComposeForm, *, oob: bool = False) -> dict[str, Any]:
    """What would be missing if the form were sent as it stands."""
    recorded = {tag for tag, name in form.recordings.items() if name}
    recorded |= {NO_LANGUAGE} if form.music else set()
    there = recorded | ({VIETNAMESE} if form.text.strip() or not recorded else set())
    emergency = form.broadcast_class == BroadcastClass.emergency.value
    with frame.desk.stores.open() as store:
        gaps = covering.gaps_at(store, person, form.targets, there, emergency=emergency)
        languages = store.areas.languages()
    return told(frame, request, languages, gaps, oob=oob)


def of_page(
    frame: Frame,
    request: Request,
    store: Store,
    person: Person,
    page: BroadcastPage,
    languages: Mapping[str, Language],
    now: UtcMs,
) -> dict[str, Any]:
    """What is missing of a broadcast that stands, who has been asked for it and can be; who has said that a language is
    right, and which ones this person can say it of."""
    there = {variant.language for variant in page.bulletin.variants}
    emergency = page.bulletin.broadcast_class is BroadcastClass.emergency
    stands = page.state in STANDING and not page.broadcast.successor
    gaps = covering.gaps_at(store, person, page.broadcast.targets, there, emergency=emergency) if stands else ()
    missing = list(dict.fromkeys(tag for gap in gaps for tag in gap.missing if tag != VIETNAMESE))
    own = store.areas.named([page.bulletin.area])[page.bulletin.area]
    asks = bool(missing) and may_compose(person.grants, own.path, emergency=emergency)
    asked = asking.of_broadcast(store, person, page.broadcast)
    people = store.staff.names()
    return {
        **told(frame, request, languages, gaps),
        "missing": {tag: language_name(languages, tag) for tag in missing},
        "asked": asked,
        "asked_names": {each.request.language: language_name(languages, each.request.language) for each in asked},
        "to_ask": asking.candidates(store, page.bulletin, page.broadcast, now) if asks else {},
        "vets": vetting.open_to(store, person, page),
        "reviewers": {v.language: people.get(v.reviewer, v.reviewer) for v in page.bulletin.variants if v.reviewer},
        "minority": there - {VIETNAMESE, NO_LANGUAGE},
    }
