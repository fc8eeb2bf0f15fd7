"""`loaban-agent`: puts the parts of one loudspeaker together and runs it.

The composition root of the agent; nobody imports it but the console script.
"""

import logging
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from types import FrameType

from device_agent import enrol_command, health, vitals
from device_agent.clip_store import ClipStore
from device_agent.decoder import decode
from device_agent.ear.ear import ear_of
from device_agent.heads import Heads
from device_agent.identity import identity_in, judge, tls
from device_agent.intake import first_assignment
from device_agent.journal import Journal
from device_agent.key_ring import KeyRing
from device_agent.mqtt_link import MqttLink
from device_agent.ports import Parts
from device_agent.runner import Runner
from device_agent.settings import SettingsError, enrolment_file, read_enrolment, read_settings
from device_agent.speaker import EngineSpeaker, card_opener, sound_finder
from device_agent.step_log import StepLog, no_log
from device_agent.system_clock import SystemClock, luck, new_name


def compose(arguments: Sequence[str], luck: Callable[[], float] = luck) -> Runner:
    """The runner with real parts; `luck` spreads its returns after an outage. Raises `SettingsError` or ValueError in
    words for a technician."""
    settings = read_settings(arguments)
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(name)s %(levelname)s %(message)s")
    enrolment = read_enrolment(enrolment_file(settings))
    opener, ear = card_opener(settings.sound_card), ear_of(settings.ear)
    journal = Journal(settings.folder / "journal.db", new_name)
    clock = SystemClock(journal.remembered)
    store = ClipStore(settings.folder / "clips", decode, settings.clip_quota_mb * 1024 * 1024)
    heads, run = Heads(), new_name()
    identity = identity_in(settings.folder, enrolment.device, enrolment.authority) if enrolment.authority else None
    keys = max((enrolment.keys_revision, enrolment.signing_keys), KeyRing(settings.folder).held())[1]
    first = first_assignment(journal.assignment, enrolment.assignment, enrolment.device, keys)
    if first != journal.assignment:
        journal.keep_assignment(first)
    link = MqttLink(
        enrolment.device,
        enrolment.broker,
        run,
        clock.mono,
        luck,
        tls=lambda: tls(enrolment.authority, identity.file if identity else None),
        judge=lambda peer: judge(peer, clock.now(), clock.past),
    )
    return Runner(
        Parts(
            device=enrolment.device,
            keys=enrolment.signing_keys,
            keys_revision=enrolment.keys_revision,
            key_ring=KeyRing(settings.folder),
            version=_version(),
            clock=clock,
            journal=journal,
            store=store,
            heads=heads,
            run=run,
            link=link,
            identity=identity,
            vitals=vitals.measure,
            speaker=EngineSpeaker(opener, sound_finder(store.sound_of, heads), clock.utc_and_mono_ns, ear=ear),
            log_step=StepLog(Path(settings.step_log)) if settings.step_log else no_log,
            alive=lambda: health.notify("WATCHDOG=1"),
        )
    )


def main() -> None:
    """Run until told to stop; or `enrol`."""
    if sys.argv[1:2] == ["enrol"]:
        sys.exit(enrol_command.run(sys.argv[2:], SystemClock().now))
    try:
        runner = compose(sys.argv[1:])
    except (SettingsError, ValueError, OSError) as error:
        print(f"loaban-agent: {error}", file=sys.stderr)
        sys.exit(2)

    def stop(_number: int, _frame: FrameType | None) -> None:
        runner.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    health.notify("READY=1")
    runner.run()


def _version() -> str:
    try:
        return metadata.version("loaban")
    except metadata.PackageNotFoundError:
        return "0.1.0"


if __name__ == "__main__":
    main()
