"""A valley: many loudspeakers on thin links, whatever is put on air for all of them, and what came over each link.

Imported by tests of thin links and the bench.
"""

from audio.clip import Clip
from device_agent import actions as do
from schedules.blocks import BLOCK_BYTES
from schedules.clock import HOUR, MINUTE, SECOND, UtcMs
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import delivery
from server.planning import Approved
from server.spreading import SendBlocks
from tests.village.home import LANGUAGES, PROVINCE
from tests.village.household import Household
from tests.village.scenario import START, scenario
from tests.village.weather import CALM, Dice
from tests.village.world import World

BLOCKS = 75
IDEAL = BLOCKS * BLOCK_BYTES * 8 // 128
"""What 1.2 MB take on a link of 128 kbit/s."""
ORDERED = START + 2 * MINUTE


class Valley(World):
    """A village on links of 128 kbit/s that waits for what a test puts on air; all that the server sends is kept;
    `begun`: when each loudspeaker first sounded."""

    LANGUAGES = LANGUAGES  # all understand Vietnamese

    def __init__(self, loudspeakers: int, kbits: int = 128) -> None:
        self.sent: list[tuple[UtcMs, SendBlocks]] = []
        self.begun: dict[str, UtcMs] = {}
        plan = scenario(1, loudspeakers, 1, CALM._replace(approvals=0, kbits=kbits))
        super().__init__(plan)
        self.home.broadcasts = []
        self.plan()
        self.run(ORDERED)
        self.sent.clear()
        for household in self.households.values():
            household.arrived = household.stored = 0

    def _deliver(self, action: delivery.Action) -> None:
        if isinstance(action, SendBlocks):
            self.sent.append((self.now, action))
        super()._deliver(action)

    def air(
        self,
        name: str,
        start: UtcMs,
        of_class: BroadcastClass = BroadcastClass.ordinary,
        languages: tuple[str, ...] = ("vi",),
        blocks: int = BLOCKS,
    ) -> tuple[Clip, ...]:
        """Approve something of so many blocks (1.2 MB) in each language; all understand Vietnamese."""
        clips = tuple(
            Clip(
                f"{name}.{language}".encode().hex().ljust(64, "0"),
                language,
                blocks * 400 * SECOND // BLOCKS,
                blocks * BLOCK_BYTES,
            )
            for language in languages
        )
        once, useful = Once(start), 2 * HOUR
        approved = Approved(
            name, name, name, of_class, 0, (PROVINCE,), once, clips, self.now, useful, f"seal of {name}"
        )
        self.home.broadcasts.append(approved)
        for household in self.households.values():
            household.clips |= {clip.sha256: clip for clip in clips}
        self.plan()
        return clips

    def _started(self, household: Household, sound: do.PlaceSound, boot: int) -> None:
        self.begun.setdefault(household.device, self.now)
        super()._started(household, sound, boot)

    def cut(self, device: str, at: UtcMs, lasts: int) -> None:
        """A link goes, and comes back; with it the loudspeaker's will."""
        household = self.households[device]
        self.at(at, lambda: self.unlink(household, self.now + lasts))

    def cut_all(self, dice: Dice, times: int) -> None:
        """Each link goes now and then while a clip comes."""
        for device in self.households:
            for _ in range(times):
                self.cut(device, ORDERED + dice.between(2 * SECOND, 150 * SECOND), dice.between(SECOND, 20 * SECOND))

    def times_fetched(self) -> list[float]:
        """By loudspeaker: what came over its link for each block that it needed, smallest first."""
        return sorted(h.arrived / h.stored for h in self.households.values())

    def last_whole(self, clip: Clip) -> int:
        """How long after the order the last one had all of it."""
        return max(h.whole[clip.sha256] for h in self.households.values()) - ORDERED

    def blocks_sent(self) -> int:
        """Blocks that the server handed to the broker, whoever they were for."""
        return sum(r.count for _, send in self.sent for r in send.blocks)
