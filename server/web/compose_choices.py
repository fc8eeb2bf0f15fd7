"""What the form "Soạn bản tin" offers: topics, classes, places with their loudspeakers, groups, languages, sounds.

Imported by the pages that show the form.
"""

from collections import Counter

import msgspec

from audio.language import VIETNAMESE, Language
from audio.phrase_template import Template
from schedules.programme import BroadcastClass
from server import library, place_groups
from server.access import Act, Person, scope
from server.area import Area
from server.compose_form import ComposeForm
from server.phrase_catalogue import templates
from server.place_group import PlaceGroup
from server.repositories.store import Store
from server.tune import Tune
from server.uptake import is_office
from server.web.places import found_by, shown


class Choices(msgspec.Struct, frozen=True):
    """What the form offers: topics, classes, areas in tree order (`narrowed`: there are more than a page holds), and
    languages that need a recording, those of the person's own hamlets first; `alarms`: whether they may have an
    emergency sound at once; `tunes`: the sounds of the library; `loudspeakers`: how many each area has; `groups`: saved
    choices, `group`: the one that is chosen; `templates`: of which the phrase bank speaks; `office`: whether they write
    for communes from above."""

    topics: dict[str, str]
    classes: tuple[BroadcastClass, ...]
    areas: list[Area]
    narrowed: bool
    spoken_here: list[Language]
    others: list[Language]
    alarms: bool
    tunes: list[Tune]
    loudspeakers: dict[str, int]
    groups: list[PlaceGroup]
    templates: tuple[Template, ...]
    group: str = ""
    office: bool = False


def choices_of(store: Store, person: Person, form: ComposeForm, within: str = "", find: str = "") -> Choices:
    """What this person may choose; of many places those within an area, or whose name holds these words."""
    writes, alarms = scope(person.grants, Act.write), scope(person.grants, Act.alarm)
    areas = store.areas.below([*writes, *alarms])
    languages = store.areas.languages()
    near = dict.fromkeys(tag for area in areas for tag in area.languages if tag != VIETNAMESE)
    here = [languages[tag] for tag in near if tag in languages]
    rest = [lang for tag, lang in languages.items() if tag not in near and tag != VIETNAMESE]
    few = shown(areas, within, form.targets)
    groups = place_groups.offered(store, person)
    every = tuple(each for each in BroadcastClass if each is not BroadcastClass.unknown)
    counted = Counter(id_ for leaf in store.fleet.below([*writes, *alarms]) for id_ in leaf.ids)
    return Choices(
        topics=store.areas.topics(),
        classes=every if writes else (BroadcastClass.emergency,),
        areas=found_by(find, areas, form.targets) if find.strip() else few,
        narrowed=len(few) < len(areas) or bool(within),
        spoken_here=here,
        others=[lang for lang in rest if not lang.retired],
        alarms=bool(alarms),
        tunes=library.usable(store, person),
        loudspeakers=dict(counted),
        groups=groups,
        templates=tuple(templates()),
        office=is_office(areas, (*writes, *alarms)),
        group=next((group.id for group in groups if {*group.targets} == {*form.targets}), ""),
    )
