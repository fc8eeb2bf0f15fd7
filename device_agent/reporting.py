"""Reporting home: closed playbacks until the server has committed them. Pure.

Imported by `loudspeaker` only. Only the server's own acknowledgement lets a loudspeaker forget; the broker's does
not count.
"""

import msgspec

from device_agent.actions import Action, ForgetReports, SendReport
from schedules.clock import MINUTE, SECOND, DurationMs, MonoMs, Now
from schedules.playback import Playback
from schedules.wire import Ack, Report, digest_of, encode

BATCH = 50
"""Playbacks in one message: about 20 kB, a second on a thin link."""
SAID = 8
"""So many of the reports sent last are known again: an answer may take a while, and more may be said meanwhile."""
RESEND_AFTER: DurationMs = 15 * SECOND
LONGEST_RESEND: DurationMs = 10 * MINUTE


class Reports(msgspec.Struct, frozen=True):
    """`unacknowledged` in order of sequence; `send_at`: when to send (again), None when there is nothing to send;
    `tries` since the last acknowledgement; `run` names this run of the agent; `said`: what it has sent last, as
    digests, each with the highest sequence in it."""

    journal: str
    next_sequence: int = 1
    unacknowledged: tuple[Playback, ...] = ()
    send_at: MonoMs | None = None
    tries: int = 0
    run: str = ""
    said: tuple[tuple[str, int], ...] = ()


def closed(reports: Reports, playback: Playback, now: Now) -> tuple[Reports, Playback]:
    """The playback with its sequence number, to be sent at once if nothing is on its way."""
    numbered = msgspec.structs.replace(playback, sequence=reports.next_sequence)
    return (
        msgspec.structs.replace(
            reports,
            next_sequence=reports.next_sequence + 1,
            unacknowledged=(*reports.unacknowledged, numbered),
            send_at=now.mono if reports.send_at is None or not reports.tries else reports.send_at,
        ),
        numbered,
    )


def acknowledged(reports: Reports, ack: Ack, now: Now) -> tuple[Reports, list[Action]]:
    """Forget what the server has; go on with the rest at once. An acknowledgement for another journal or run, or of
    what this one has not said itself, changes nothing: who can publish in its name could have anything acknowledged."""
    said = next((up_to for digest, up_to in reports.said if digest == ack.report), 0)
    if (ack.journal, ack.run) != (reports.journal, reports.run) or ack.up_to < said:
        return reports, []
    rest = tuple(p for p in reports.unacknowledged if p.sequence > said)
    if rest == reports.unacknowledged:
        return reports, []
    send_at = now.mono if rest else None
    reports = msgspec.structs.replace(reports, unacknowledged=rest, send_at=send_at, tries=0)
    return reports, [ForgetReports(said)]


def linked_again(reports: Reports, now: Now) -> Reports:
    """A fresh link: send what waits, at once."""
    return msgspec.structs.replace(reports, send_at=now.mono if reports.unacknowledged else None, tries=0)


def send(reports: Reports, now: Now, linked: bool) -> tuple[Reports, list[Action]]:
    """The report that is due, if any."""
    if not linked or reports.send_at is None or now.mono < reports.send_at:
        return reports, []
    pause = min(RESEND_AFTER << min(reports.tries, 10), LONGEST_RESEND)
    report = Report(reports.journal, reports.unacknowledged[:BATCH], reports.run)
    digest = digest_of(encode(report))
    said = ((digest, report.playbacks[-1].sequence), *(each for each in reports.said if each[0] != digest))[:SAID]
    reports = msgspec.structs.replace(reports, send_at=now.mono + pause, tries=reports.tries + 1, said=said)
    return reports, [SendReport(report)]


def recall(journal: str, next_sequence: int, unacknowledged: tuple[Playback, ...], run: str = "") -> Reports:
    """What the journal holds at start."""
    return Reports(journal, next_sequence, unacknowledged, run=run)
