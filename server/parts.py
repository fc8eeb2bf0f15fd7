"""The parts of one server, put together from its settings.

A composition root: imported by the command line and the demonstration.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import msgspec
from pwdlib import PasswordHash

from audio.preset import PRESETS
from audio.vietasr_recogniser import VietAsrRecogniser
from audio.working_narrator import WorkingNarrator
from schedules.signing import SigningKey
from schedules.wire import Report
from server import chimes, clearing, report_post, system_clock, tongues
from server.archiving import archive_in
from server.authority import Authority, Credentials, issued_of
from server.bell import Bell
from server.bell_ringer import BellRinger
from server.broker_accounts import ACCOUNTS, GATEWAY, REPORTS
from server.clip_archive import ClipArchive
from server.courier import Courier
from server.desk import Desk
from server.embedded_broker import EmbeddedBroker
from server.enrolment import Office
from server.export_process import ExportProcess
from server.exports import Exports
from server.fallbacks import Renewal, renew
from server.keyring import Keyring
from server.masterings import Masterings
from server.messenger import Messenger, channels_of, contact_of
from server.metrics import Metrics
from server.migrations import bring_to_newest
from server.mqtt_accounts import AccountLine
from server.mqtt_gateway import Gateway
from server.mqtt_line import TLS
from server.mqtt_reports import ReportLine
from server.narrations import Narrations
from server.notice_choice import Way
from server.occupancy import Occupancy
from server.oidc import Provider
from server.originals import Originals
from server.outward import Outward
from server.postman import Channel
from server.province_sign_in import IdentityProvider
from server.push_channel import PushKey
from server.report_post import ReportPost
from server.repositories.store import Stores, engine_of
from server.rereading import reread
from server.rounds import Rounds
from server.settings import Settings
from server.source_http import HttpSource
from server.source_line import SourceLine
from server.staff import Hasher
from server.studio import Studio
from server.take_archive import TakeArchive
from server.take_room import TakeRoom
from server.vault import Vault, vault_in
from server.web.event_tellings import happening_told
from server.web.messages import said

REPORTS_EVERY_S = 60.0


class Parts(msgspec.Struct, frozen=True):
    """Everything that a server is made of. `broker` is None with a broker of one's own; `accounts` where that one knows
    no certificates."""

    settings: Settings
    stores: Stores
    bell: Bell
    archive: ClipArchive
    originals: Originals
    take_room: TakeRoom
    takes: TakeArchive
    studio: Studio
    narrations: Narrations
    masterings: Masterings
    hasher: Hasher
    vault: Vault
    provider: IdentityProvider | None
    keyring: Keyring
    broker: EmbeddedBroker | None
    gateway: Gateway
    reports: ReportLine
    office: Office
    exports: Exports
    accounts: AccountLine | None
    ringer: BellRinger
    renewal: Renewal
    occupancy: Occupancy
    push_key: str
    messenger: Messenger
    report_rounds: Rounds
    source: SourceLine | None
    metrics: Metrics | None

    @property
    def key(self) -> SigningKey:
        """The key that signs now."""
        return self.keyring.current().key

    def start(self, *, with_chimes: bool = True) -> None:
        """Meet the broker. Raises `Occupied` where another server does. `with_chimes`: have those of the program made,
        which takes some seconds the first time."""
        self.occupancy.begin()
        if with_chimes:
            chimes.install(self.stores, self.studio, system_clock.utc_ms())
        self.ringer.start()
        self.renewal.start()
        self.renewal.wake()
        if self.accounts is not None:
            self.accounts.start()
        self.gateway.start()
        self.reports.start()
        self.messenger.start()
        self.report_rounds.start()
        if self.source is not None:
            self.source.start()
        if self.metrics is not None:
            self.metrics.linked = lambda: self.gateway.linked
            self.metrics.open(self.settings.metrics)

    def stop(self) -> None:
        """Leave it."""
        if self.metrics is not None:
            self.metrics.stop()
        if self.source is not None:
            self.source.stop()
        self.report_rounds.stop()
        self.messenger.stop()
        self.reports.stop()
        self.gateway.stop()
        self.renewal.stop()
        if self.accounts is not None:
            self.accounts.stop()
        self.ringer.stop()
        self.occupancy.end()


def assemble(settings: Settings, filed: Callable[[str, Report], None]) -> Parts:
    """Make or open everything; nothing listens yet."""
    folder, stores, bell = settings.data_folder, _opened(settings), Bell()
    archive, originals = ClipArchive(folder / "clips"), _originals(folder)
    studio = _studio(settings, stores, archive, originals)
    keyring = Keyring(folder, system_clock.new_key)
    broker = None if settings.broker else EmbeddedBroker(settings.embedded_port, folder)
    url = settings.broker or (broker.url if broker else "")
    authority, now = Authority(folder), system_clock.utc_ms()
    clear = partial(clearing.clear, stores, archive, originals, settings.retention_months)
    metrics = Metrics(stores, system_clock.utc_ms, folder) if settings.metrics else None
    heard = metrics.heard_by(filed) if metrics else filed
    desk = Desk(stores, bell, system_clock.utc_ms, heard, keyring, authority, clear)
    certified = url.startswith(f"{TLS}:")
    own = authority.own(GATEWAY, now) if certified else None
    gateway = Gateway(url, settings.gateway, desk, keyring, archive, bell, own)
    vault, push_key = vault_in(folder, system_clock.new_key), PushKey(folder, contact_of(settings))
    channels, courier, post = _ways_out(settings, stores, vault, push_key)
    return Parts(
        settings=settings,
        stores=stores,
        bell=bell,
        archive=archive,
        originals=originals,
        take_room=_take_room(folder),
        takes=TakeArchive(folder / "phrases"),
        studio=studio,
        narrations=Narrations(studio),
        masterings=Masterings(studio, originals),
        hasher=PasswordHash.recommended(),
        vault=vault,
        provider=_provider(settings),
        keyring=keyring,
        broker=broker,
        gateway=gateway,
        reports=_report_line(
            url, settings, desk, keyring, _of_reports(settings, stores, authority) if certified else None
        ),
        renewal=_renewal(stores, studio, bell),
        office=Office(authority, keyring, settings.loudspeaker_broker or url),
        exports=Exports(folder / "exports", ExportProcess(settings)),
        accounts=AccountLine(url, authority.own(ACCOUNTS, now), desk, bell) if certified else None,
        ringer=BellRinger(bell, desk.newest_act),
        occupancy=Occupancy(folder),
        push_key=push_key.public,
        messenger=Messenger(stores, bell, system_clock.utc_ms, lambda: gateway.linked, channels, courier),
        report_rounds=Rounds("reports by mail", post.round, REPORTS_EVERY_S),
        source=_source(settings, stores, bell),
        metrics=metrics,
    )


def _opened(settings: Settings) -> Stores:
    """The database, in its newest shape."""
    settings.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = engine_of(settings.database_url)
    bring_to_newest(engine)
    return Stores(engine, archive_in(settings.data_folder))


def _ways_out(
    settings: Settings, stores: Stores, vault: Vault, key: PushKey
) -> tuple[Mapping[Way, Channel], Courier, ReportPost]:
    """By which letters leave, and happenings, and what packs the reports that letters take along."""
    outward, clock, heaviest = (
        Outward(private=settings.private_targets),
        system_clock.utc_ms,
        settings.mail_attachments_mb,
    )
    post = ReportPost(stores, settings.data_folder / report_post.FOLDER, ExportProcess(settings), clock, heaviest)
    channels = channels_of(settings, stores, vault, key, said, outward, post.pack)
    return channels, Courier(stores, vault, outward, happening_told, clock), post


def _report_line(
    url: str, settings: Settings, desk: Desk, keyring: Keyring, credentials: Credentials | None
) -> ReportLine:
    shared = bool(settings.broker) and settings.shared_reports
    return ReportLine(url, f"{settings.gateway}-reports", desk, keyring, shared=shared, credentials=credentials)


def _of_reports(settings: Settings, stores: Stores, authority: Authority) -> Credentials:
    """Each process that files reports is somebody of its own at the broker, named after its gateway."""
    now = system_clock.utc_ms()
    name = REPORTS if settings.gateway == "loaban-gateway" else f"{REPORTS}.{settings.gateway}"[:64]
    found = authority.own(name, now)
    if name != REPORTS:
        with stores.open() as store:
            if name not in store.certificates.holding(now):
                store.certificates.add("", issued_of(found))
    return found


def unheard(_device: str, _report: Report) -> None:
    """Nobody listens to what is filed."""


def _provider(settings: Settings) -> IdentityProvider | None:
    """The province's single sign-on, where there is one. Raises `InsecureIssuer`."""
    if not settings.oidc_issuer or settings.demo:
        return None
    second = tuple(value.strip() for value in settings.oidc_second_factor.split(",") if value.strip())
    return Provider(
        settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, settings.oidc_claim, second
    )


def _studio(settings: Settings, stores: Stores, archive: ClipArchive, originals: Originals) -> Studio:
    def restricted() -> Mapping[str, tuple[str, ...]]:
        with stores.open() as store:
            return tongues.restrictions(store.areas.languages().values())

    narrator = WorkingNarrator(settings.voice_settings, restricted=restricted)
    recogniser = VietAsrRecogniser() if settings.speech_check else None
    return Studio(narrator, archive, originals, recogniser, PRESETS[settings.sound_preset])


def _source(settings: Settings, stores: Stores, bell: Bell) -> SourceLine | None:
    """The line to the source-information system, where there is one. Raises `InsecureSource`."""
    if not settings.source_url:
        return None
    source = HttpSource(settings.source_url, settings.source_token)
    every_s = settings.source_minutes * 60.0
    return SourceLine(source, stores, system_clock.utc_ms, system_clock.new_id, every_s, lambda: bell.ring("log"))


def _originals(folder: Path) -> Originals:
    originals = Originals(folder / "originals")
    originals.forget(system_clock.utc_ms())
    return originals


def _take_room(folder: Path) -> TakeRoom:
    room = TakeRoom(folder / "takes")
    room.forget(system_clock.utc_ms())
    return room


def _renewal(stores: Stores, studio: Studio, bell: Bell) -> Renewal:
    def work() -> list[object]:
        return [*reread(stores, studio, system_clock.utc_ms), *renew(stores, studio, system_clock.utc_ms)]

    return Renewal(work, lambda: bell.ring("log"))
