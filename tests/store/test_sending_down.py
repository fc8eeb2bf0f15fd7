"""What an office sends down stands in the programmes where it is taken, and nowhere else; exactly as any broadcast.

Imported by pytest alone.
"""

import msgspec
import pytest

from schedules.clock import DAY, HOUR, MINUTE
from schedules.programme import BroadcastClass, Slot, Turn
from schedules.recurrence import Once
from schedules.rundown import merge, slots_between
from server import answering, bulletins, noticing, programmes, sending_down
from server.access import Role
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.notice import NoticeKind
from server.refusals import Changed, NotAllowed, NotFound, OwnWork
from server.repositories.logbook import LogFilter
from server.repositories.store import Store, Stores
from server.uptake import Uptake
from tests.store.stage import ANSWERED, BY_TEXT, NOW, new_id, person, sound

PROVINCE = "tinh-lao-cai"
Y_TY, TA_PHIN = "xa-02701", "xa-03013"
ORDINARY, PRIORITY, EMERGENCY = BroadcastClass.ordinary, BroadcastClass.priority, BroadcastClass.emergency
DUE = NOW + 2 * DAY - HOUR


@pytest.fixture(autouse=True)
def _people(stores: Stores) -> None:
    """The province writes ("viet") and approves ("duyet"); each commune has a leader of its own, one an editor."""
    roles = {
        "viet": (PROVINCE, Role.editor),
        "duyet": (PROVINCE, Role.approver),
        "lan": (Y_TY, Role.approver),
        "minh": (TA_PHIN, Role.approver),
        "hoa": (Y_TY, Role.editor),
    }
    with stores.open() as store:
        for name, (area, role) in roles.items():
            store.staff.add(name, name, name, "x")
            store.staff.grant(name, area, role)


def send(
    store: Store,
    klass: BroadcastClass = ORDINARY,
    *,
    pushed: bool = True,
    targets: tuple[str, ...] = (PROVINCE,),
    start: int = DUE,
    who: tuple[str, str] = ("viet", "duyet"),
) -> str:
    """Written and approved; its id."""
    variants = (DraftVariant("vi", "Mời họp", "mời họp", ""),)
    draft = Draft("Họp", "an-ninh", klass, variants, targets, Mode.once, Once(start), *ANSWERED, pushed=pushed)
    sent = bulletins.compose(store, person(store, who[0]), draft, {"vi": sound()}, NOW, new_id)
    seal = bulletins.page(store, person(store, who[1]), sent).seal
    bulletins.approve(store, person(store, who[1]), sent, seal, NOW, by_text=BY_TEXT)
    return sent


def planned(stores: Stores, broadcast: str, now: int = NOW) -> dict[str, tuple[Slot, ...]]:
    """Its slots, by area, after the programmes were brought up to date."""
    with stores.open() as store:
        programmes.bring_up_to_date(store, now)
        found = store.fleet.programmes().items()
        slots = {area: tuple(s for s in p.slots if s.broadcast == broadcast) for area, p in found}
    return {area: those for area, those in slots.items() if those}


def expected(stores: Stores, broadcast: str) -> set[str]:
    """The loudspeakers that the log expects it at."""
    with stores.open() as store:
        lines = store.logbook.all_lines(LogFilter(("/",), NOW - DAY, NOW + 30 * DAY))
        return {
            line.planned.loudspeaker
            for line in lines
            if line.planned.broadcast == broadcast and not line.planned.withdrawn
        }


def accept(stores: Stores, broadcast: str, who: str = "lan", commune: str = Y_TY, **more: Turn | int) -> None:
    with stores.open() as store:
        turn, now = more.get("turn", Turn.as_ruled), more.get("now", NOW + HOUR)
        assert isinstance(turn, Turn)
        assert isinstance(now, int)
        answering.accept(store, person(store, who), broadcast, commune, turn, now)


def states(stores: Stores, broadcast: str, now: int = NOW + HOUR) -> dict[str, Uptake]:
    with stores.open() as store:
        sent = sending_down.opened(store, person(store, "viet"), broadcast, now)
        return {each.commune.id: each.state for each in sent.asked}


def test_an_ordinary_one_is_planned_nowhere_before_a_commune_takes_it(stores: Stores) -> None:
    with stores.open() as store:
        sent = send(store)
    assert planned(stores, sent) == {}
    assert expected(stores, sent) == set()
    found = states(stores, sent)
    assert len(found) == 99
    assert set(found.values()) == {Uptake.waiting}


def test_where_it_is_taken_it_is_planned_exactly_like_any_broadcast(stores: Stores) -> None:
    with stores.open() as store:
        sent, plain = send(store), send(store, pushed=False, targets=(Y_TY,))
    accept(stores, sent)
    pushed, direct = planned(stores, sent), planned(stores, plain)
    assert list(pushed) == [Y_TY] == list(direct)
    named = {"occurrence": "", "broadcast": "", "bulletin": "", "seal": ""}
    assert [msgspec.structs.replace(s, **named) for s in pushed[Y_TY]] == [
        msgspec.structs.replace(s, **named) for s in direct[Y_TY]
    ]
    assert expected(stores, sent) == expected(stores, plain) == {"loa-mau-1", "loa-mau-2", "loa-mau-3"}
    assert states(stores, sent)[Y_TY] is Uptake.accepted
    assert states(stores, sent)[TA_PHIN] is Uptake.waiting


def test_who_refuses_says_why_and_nothing_is_planned_and_may_change_their_mind(stores: Stores) -> None:
    with stores.open() as store:
        sent = send(store)
        answering.refuse(store, person(store, "minh"), sent, TA_PHIN, "Trùng lễ hội của xã", NOW + HOUR)
    assert planned(stores, sent) == {}
    with stores.open() as store:
        row = next(
            each
            for each in sending_down.opened(store, person(store, "viet"), sent, NOW + HOUR).asked
            if each.commune.id == TA_PHIN
        )
        assert (row.state, row.reply.reason, row.by) == (Uptake.refused, "Trùng lễ hội của xã", "minh")
        acts = [(line.act, line.area.rsplit("/", 2)[-2], line.after) for line in store.trail.latest(1)]
        assert acts == [("refuse_from_above", TA_PHIN, "refused: Trùng lễ hội của xã")]
    accept(stores, sent, "minh", TA_PHIN)
    assert list(planned(stores, sent)) == [TA_PHIN]
    with stores.open() as store:
        answering.refuse(store, person(store, "minh"), sent, TA_PHIN, "Nhầm", NOW + 2 * HOUR)
    assert planned(stores, sent, NOW + 2 * HOUR) == {}, "it had not begun"
    assert expected(stores, sent) == set()


def test_what_has_begun_is_not_cut_by_a_change_of_mind(stores: Stores) -> None:
    with stores.open() as store:
        sent = send(store, start=NOW + 2 * HOUR)
    accept(stores, sent)
    with stores.open() as store:
        store.uptakes.keep(
            msgspec.structs.replace(
                store.uptakes.of([sent])[sent][Y_TY], answer=answering.Answer.refused, at=NOW + 2 * HOUR + MINUTE
            )
        )
    assert list(planned(stores, sent, NOW + 2 * HOUR + MINUTE)) == [Y_TY]


def test_an_emergency_and_what_nobody_is_asked_about_go_as_they_always_went(stores: Stores) -> None:
    with stores.open() as store:
        urgent, plain = send(store, EMERGENCY), send(store, pushed=False)
    assert list(planned(stores, urgent)) == [PROVINCE]
    assert list(planned(stores, plain)) == [PROVINCE]
    assert len(expected(stores, urgent)) == 6
    assert set(states(stores, urgent).values()) == {Uptake.by_force}
    with stores.open() as store, pytest.raises(NotAllowed):
        answering.refuse(store, person(store, "lan"), urgent, Y_TY, "Không", NOW + HOUR)
    accept(stores, urgent)
    assert list(planned(stores, urgent)) == [PROVINCE], "an answer moves no emergency"


def test_a_priority_one_sounds_by_force_and_each_commune_orders_its_clash(stores: Stores) -> None:
    with stores.open() as store:
        above = send(store, PRIORITY)
        own = send(store, PRIORITY, pushed=False, targets=(Y_TY,), who=("hoa", "lan"))
    there = planned(stores, above)
    assert len(there) == 99
    assert len(expected(stores, above)) == 6
    with stores.open() as store, pytest.raises(NotAllowed):
        answering.refuse(store, person(store, "lan"), above, Y_TY, "Không", NOW + HOUR)

    def first() -> str:
        with stores.open() as store:
            programmes.bring_up_to_date(store, NOW)
            assignment = store.fleet.assignments(["loa-mau-1"])["loa-mau-1"]
            held = store.fleet.programmes(assignment.area_path).values()
            return merge(slots_between(held, DUE - HOUR, DUE + HOUR), assignment, NOW)[0].slot.broadcast

    assert first() == above, "by the rule, the higher authority first"
    accept(stores, above, turn=Turn.last)
    assert first() == own
    accept(stores, above, turn=Turn.first)
    assert first() == above
    turns = {area: slots[0].turn for area, slots in planned(stores, above).items()}
    assert turns.pop(Y_TY) is Turn.first
    assert set(turns.values()) == {Turn.as_ruled}


def test_only_who_approves_there_answers_and_never_who_wrote_it_or_the_office(stores: Stores) -> None:
    with stores.open() as store:
        sent = send(store)
        for who, commune, refusal in [
            ("hoa", Y_TY, NotAllowed),
            ("duyet", Y_TY, NotAllowed),
            ("lan", TA_PHIN, NotFound),
            ("quantri", Y_TY, NotAllowed),
        ]:
            with pytest.raises(refusal):
                answering.accept(store, person(store, who), sent, commune, Turn.as_ruled, NOW)
        store.staff.grant("viet", Y_TY, Role.approver)
        with pytest.raises(OwnWork):
            answering.accept(store, person(store, "viet"), sent, Y_TY, Turn.as_ruled, NOW)
        with pytest.raises(Changed):
            answering.accept(store, person(store, "lan"), sent, Y_TY, Turn.as_ruled, DUE + HOUR)
        with pytest.raises(Changed):
            store.broadcasts.add(msgspec.structs.replace(store.broadcasts.named([sent])[0], withdrawn_at=NOW))
            answering.accept(store, person(store, "lan"), sent, Y_TY, Turn.as_ruled, NOW)  # fmt: skip


def test_everybody_below_sees_what_came_from_above_once_it_is_approved(stores: Stores) -> None:
    with stores.open() as store:
        waits = bulletins.compose(
            store,
            person(store, "viet"),
            Draft(
                "Chưa duyệt",
                "an-ninh",
                ORDINARY,
                (DraftVariant("vi", "a", "a", ""),),
                (PROVINCE,),
                Mode.once,
                Once(DUE),
            ),
            {"vi": sound("c")},
            NOW,
            new_id,
        )
        sent, direct = send(store), send(store, PRIORITY, pushed=False)
        elsewhere = send(store, targets=(TA_PHIN,))
        for who in ("hoa", "lan", "bientap"):
            found = {each.page.broadcast.id for each in answering.inbox(store, person(store, who), NOW + 1, NOW)}
            assert {sent, direct} <= found
            assert waits not in found
            assert (elsewhere in found) == (who == "bientap")
        with pytest.raises(NotFound):
            answering.opened(store, person(store, "lan"), elsewhere, NOW)
        assert answering.inbox(store, person(store, "viet"), NOW + 1, NOW) == []
        assert [each.page.broadcast.id for each in answering.waiting(store, person(store, "lan"), NOW)] == [sent]
        assert answering.waiting(store, person(store, "hoa"), NOW) == []


def told(stores: Stores, who: str) -> list[NoticeKind]:
    with stores.open() as store:
        noticing.follow(store, NOW)
        return [notice.kind for notice in reversed(noticing.listed(store, person(store, who)))]


def test_communes_are_told_reminded_and_told_on_and_the_office_when_nobody_answers(stores: Stores) -> None:
    with stores.open() as store:
        sent = send(store, targets=(Y_TY, TA_PHIN))
    assert told(stores, "lan") == told(stores, "hoa") == [NoticeKind.came_down]
    accept(stores, sent, "minh", TA_PHIN)
    with stores.open() as store:
        assert sending_down.remind(store, person(store, "viet"), sent, "", NOW + HOUR) == 1
        with pytest.raises(Changed):
            sending_down.remind(store, person(store, "viet"), sent, "", NOW + HOUR + MINUTE)
        with pytest.raises(NotFound):
            sending_down.remind(store, person(store, "lan"), sent, "", NOW + 5 * HOUR)
        with pytest.raises(NotAllowed):
            sending_down.remind(store, person(store, "quantri"), sent, "", NOW + 5 * HOUR)
    assert told(stores, "lan")[1:] == [NoticeKind.asked_again]
    assert NoticeKind.asked_again not in told(stores, "minh")
    with stores.open() as store:
        assert sending_down.hurry(store, NOW + HOUR) == 0
        assert sending_down.hurry(store, NOW + DAY) == 1
        assert sending_down.hurry(store, NOW + DAY + HOUR) == 0, "once"
    assert told(stores, "lan")[2:] == [NoticeKind.unanswered]
    assert NoticeKind.unanswered_below not in told(stores, "viet")
    with stores.open() as store:
        assert sending_down.hurry(store, NOW + DAY + 12 * HOUR) == 1
    assert NoticeKind.unanswered_below in told(stores, "viet")
    assert NoticeKind.unanswered_below in told(stores, "duyet")
    assert NoticeKind.unanswered_below not in told(stores, "lan")


def test_its_seal_covers_that_communes_are_asked(stores: Stores) -> None:
    with stores.open() as store:
        sent = send(store)
        before = store.broadcasts.named([sent])[0]
        store.broadcasts.add(msgspec.structs.replace(before, pushed=False))
    assert planned(stores, sent) == {}, "not what was approved: it sounds nowhere"
