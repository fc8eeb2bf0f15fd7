"""Every code has words, and every word is there in Vietnamese.

Imported by pytest alone.
"""

import enum
import re
import unicodedata
from collections.abc import Mapping

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from audio.quality import Finding
from audio.refusal import MasteringFault
from audio.voice import VoiceFault
from schedules.clock import ClockTrust
from schedules.playback import Evidence, Outcome, Reason
from schedules.programme import BroadcastClass, Turn
from schedules.recurrence import LeapMonth, ShortMonth
from schedules.signing import Refusal
from server import archive, export, manifest, refusals, seed
from server.access import Role
from server.api_token import TokenFault
from server.area_change import AreaFault
from server.audit import Fault
from server.cause import Cause, Fact, Owner
from server.checkup import Weakness
from server.commands import keeping_months
from server.compose_form import Mode, Problem
from server.concern import ConcernKind
from server.concern_form import ConcernFault
from server.dashboard import Age, Heat
from server.emergency import EmergencyKind
from server.export import Format, State
from server.granting import PersonnelFault
from server.hamlet import HamletFault
from server.language_form import LanguageFault
from server.ledger import LogState
from server.letter import LetterState
from server.lifecycle import BroadcastState
from server.loosening import Guard
from server.notice import Matter, NoticeKind
from server.passwords import PasswordFault
from server.period import Every
from server.public_page import Openness
from server.readiness import Lack
from server.report_mailing import MailingFault
from server.request import RequestState
from server.result import Verdict
from server.second_factor import CodeRefused
from server.shift import Unmovable
from server.source_check import Requirement
from server.source_system import SourceFaultKind
from server.staff import SignInRefused
from server.uptake import Uptake
from server.vitals import Want
from server.voicing import Voicing
from server.web import (
    area_words,
    cause_words,
    dashboard_words,
    emergency_words,
    health_words,
    language_words,
    notice_words,
    people_words,
    period_words,
    public_words,
    report_mail_words,
    report_words,
    result_words,
    rule_words,
    sound_words,
    source_words,
    token_words,
    uptake_words,
    words,
)
from server.web.frame import HERE, translations
from server.yielding import Precedence

TABLES: list[tuple[type[enum.Enum], Mapping[enum.Enum, str]]] = [
    (BroadcastClass, words.CLASSES),  # type: ignore[list-item]
    (Outcome, words.OUTCOMES),  # type: ignore[list-item]
    (Reason, words.REASONS),  # type: ignore[list-item]
    (Evidence, words.EVIDENCE),  # type: ignore[list-item]
    (ClockTrust, words.TRUSTS),  # type: ignore[list-item]
    (Fault, words.AUDIT_FAULTS),  # type: ignore[list-item]
    (LogState, words.LOG_STATES),  # type: ignore[list-item]
    (Age, dashboard_words.AGES),  # type: ignore[list-item]
    (Heat, dashboard_words.HEATS),  # type: ignore[list-item]
    (Guard, words.GUARDS),  # type: ignore[list-item]
    (Lack, words.LACKS),  # type: ignore[list-item]
    (Lack, words.LACK_ADVICE),  # type: ignore[list-item]
    (BroadcastState, words.BROADCAST_STATES),  # type: ignore[list-item]
    (Mode, rule_words.MODES),  # type: ignore[list-item]
    (Cause, cause_words.CAUSES),  # type: ignore[list-item]
    (Owner, cause_words.OWNERS),  # type: ignore[list-item]
    (Fact, cause_words.FACTS),  # type: ignore[list-item]
    (EmergencyKind, emergency_words.KINDS),  # type: ignore[list-item]
    (ShortMonth, rule_words.SHORTS),  # type: ignore[list-item]
    (LeapMonth, rule_words.LEAPS),  # type: ignore[list-item]
    (Problem, words.PROBLEMS),  # type: ignore[list-item]
    (MasteringFault, sound_words.MASTERING_FAULTS),  # type: ignore[list-item]
    (Weakness, words.WEAKNESSES),  # type: ignore[list-item]
    (VoiceFault, words.VOICE_FAULTS),  # type: ignore[list-item]
    (Finding, sound_words.FINDINGS),  # type: ignore[list-item]
    (SignInRefused, people_words.SIGN_IN),  # type: ignore[list-item]
    (SignInRefused, people_words.CONFIRMATION),  # type: ignore[list-item]
    (SignInRefused, people_words.OLD_CODE),  # type: ignore[list-item]
    (CodeRefused, people_words.FIRST_CODE),  # type: ignore[list-item]
    (PasswordFault, people_words.PASSWORD_FAULTS),  # type: ignore[list-item]
    (PersonnelFault, people_words.PERSONNEL_FAULTS),  # type: ignore[list-item]
    (LanguageFault, language_words.LANGUAGE_FAULTS),  # type: ignore[list-item]
    (HamletFault, language_words.HAMLET_FAULTS),  # type: ignore[list-item]
    (Voicing, language_words.VOICINGS),  # type: ignore[list-item]
    (Uptake, uptake_words.UPTAKES),  # type: ignore[list-item]
    (Turn, uptake_words.TURNS),  # type: ignore[list-item]
    (Precedence, rule_words.PRECEDENCES),  # type: ignore[list-item]
    (Unmovable, rule_words.UNMOVABLE),  # type: ignore[list-item]
    (Verdict, result_words.VERDICTS),  # type: ignore[list-item]
    (Reason, result_words.NEXT),  # type: ignore[list-item]
    (RequestState, language_words.REQUEST_STATES),  # type: ignore[list-item]
    (Requirement, source_words.REQUIREMENTS),  # type: ignore[list-item]
    (SourceFaultKind, source_words.SOURCE_FAULTS),  # type: ignore[list-item]
    (Want, health_words.WANTS),  # type: ignore[list-item]
    (Openness, public_words.OPENNESS),  # type: ignore[list-item]
    (TokenFault, token_words.TOKEN_FAULTS),  # type: ignore[list-item]
    (Format, report_words.FORMATS),  # type: ignore[list-item]
    (export.Fault, report_words.FAULTS),  # type: ignore[list-item]
    (State, report_words.STATES),  # type: ignore[list-item]
    (manifest.Verdict, report_words.VERDICTS),  # type: ignore[list-item]
    (Reason, report_words.CAUSES),  # type: ignore[list-item]
    (Every, period_words.PERIODS),  # type: ignore[list-item]
    (Every, period_words.EVERY),  # type: ignore[list-item]
    (MailingFault, report_mail_words.MAILING_FAULTS),  # type: ignore[list-item]
    (archive.Fault, keeping_months.FAULTS),  # type: ignore[list-item]
    (Matter, notice_words.MATTERS),  # type: ignore[list-item]
    (Matter, notice_words.SHORT_MATTERS),  # type: ignore[list-item]
    (NoticeKind, notice_words.TITLES),  # type: ignore[list-item]
    (NoticeKind, notice_words.BODIES),  # type: ignore[list-item]
    (ConcernKind, notice_words.CONCERNS),  # type: ignore[list-item]
    (ConcernKind, notice_words.ONE_CONCERN),  # type: ignore[list-item]
    (ConcernFault, notice_words.CONCERN_FAULTS),  # type: ignore[list-item]
    (LetterState, notice_words.LETTERS),  # type: ignore[list-item]
    (AreaFault, area_words.AREA_FAULTS),  # type: ignore[list-item]
    (Role, people_words.ROLES),  # type: ignore[list-item]
]
_PLACEHOLDER = re.compile(r"%\(\w+\)s")


@pytest.mark.parametrize(("codes", "table"), TABLES, ids=[codes.__name__ for codes, _ in TABLES])
def test_every_code_has_words_in_both_languages(codes: type[enum.Enum], table: Mapping[enum.Enum, str]) -> None:
    vietnamese = translations("vi").gettext
    assert set(table) == set(codes)
    for code, text in table.items():
        if code is not Reason.none:
            assert text
            assert vietnamese(text) != text, f"{code} has no Vietnamese words"


def test_every_refusal_has_words() -> None:
    kinds = [refusals.Refused, *refusals.Refused.__subclasses__()]
    assert {kind.code for kind in kinds} <= words.REFUSALS.keys()
    assert {refusal.value for refusal in Refusal} <= words.REFUSED.keys()
    assert [level for level, _ in seed.LEVELS] == list(words.LEVELS)


def _extracted() -> dict[str, str | tuple[str, ...]]:
    """All texts of the server that are marked for translation."""
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    keywords = {**DEFAULT_KEYWORDS, "N_": None, "_gettext": None, "gettext": None}
    found = extract_from_dir(str(HERE.parent), methods, keywords=keywords)
    return {(m if isinstance(m, str) else m[0]): m for _, _, m, _, _ in found}


@pytest.fixture(scope="module")
def vietnamese() -> Catalog:
    with (HERE / "locale" / "vi" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="vi")


def test_the_vietnamese_is_complete_and_nothing_is_left_over(vietnamese: Catalog) -> None:
    marked = _extracted().keys()
    there = {m.id if isinstance(m.id, str) else m.id[0]: m for m in vietnamese if m.id}
    assert marked - there.keys() == set(), "not translated"
    assert there.keys() - marked == set(), "no longer used"
    for text, message in there.items():
        said = message.string if isinstance(message.string, str) else message.string[0]
        assert said, text
        assert not message.fuzzy, text
        wanted = set(_PLACEHOLDER.findall(text if isinstance(message.id, str) else message.id[1]))
        assert set(_PLACEHOLDER.findall(said)) == wanted, text
        assert unicodedata.is_normalized("NFC", said), text


def test_nothing_is_sent_to_a_browser_instead_of_an_approver(vietnamese: Catalog) -> None:
    """One word for a submission also means browser; the act is "gửi phê duyệt"."""
    for message in vietnamese:
        said = str(message.string).lower().replace("trình duyệt web", "")
        assert "trình duyệt" not in said, message.id


def test_templates_say_nothing_outside_the_catalogue() -> None:
    """A word of English that was forgotten would be English for everybody."""
    for path in sorted((HERE / "templates").glob("*.html")):
        text = re.sub(
            r"\{% macro field.*?endmacro %\}|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<[^>]*>",
            " ",
            path.read_text(),
            flags=re.DOTALL,
        )
        left = set(re.findall(r"[^\W\d_]{2,}", text)) - {"Loa", "Bản", "CSV", "ms"}
        assert not left, f"{path.name}: {left}"


def test_a_reason_is_whole_sentences() -> None:
    vietnamese = translations("vi").gettext
    for reason in Reason:
        said = words.why(vietnamese, reason, "Họp thôn", "Mông (Trắng)")
        assert "%(" not in said
        assert (not said) or (said[0].isupper() or said[0] == "“")
        assert (not said) or said.endswith(".")
    assert "Mông (Trắng)" in words.why(vietnamese, Reason.delayed, "Họp thôn", "Mông (Trắng)")


def test_the_catalogue_is_the_only_place_with_vietnamese_words_for_pages() -> None:
    letters = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
    for path in [*HERE.glob("*.py"), *(HERE / "templates").glob("*.html")]:
        for line in path.read_text().splitlines():
            plain = re.sub(r'"{3}.*|#.*|“?Nghe thử”?|Tiếng Việt|Loa Bản|"Soạn bản tin"', "", line)
            assert not letters.search(plain), f"{path.name}: {line}"


def test_no_text_is_translated_twice() -> None:
    """The later one would win, on every page."""
    told = re.findall(r'^msgid "(.+)"$', (HERE / "locale/vi/LC_MESSAGES/messages.po").read_text(), re.MULTILINE)
    assert sorted({each for each in told if told.count(each) > 1}) == []
