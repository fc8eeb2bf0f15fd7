"""Staging: which clips go out at once, and which take their time.

Anybody may import this room: the server stages by it, and a loudspeaker knows by it how long to be patient.
"""

from schedules.clock import HOUR, MINUTE, DurationMs

SOON: DurationMs = 1 * HOUR
"""A clip that is needed within this time goes out at once."""
STAGE_WITHIN: DurationMs = 15 * MINUTE
"""Any other is first sent at some moment within this time, so that a morning's changes do not all go out in one
minute, and 05:00 is quiet on the network."""
STAGED_AFTER: DurationMs = STAGE_WITHIN + 5 * MINUTE
"""By then a staged clip has come, at the pace of staging, or something was lost."""
