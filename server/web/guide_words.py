"""One sentence for each block of the main pages, and the guided first bulletin: what stands beside each step of it.

Imported by the pages; `guide.html` shows both.
"""

from typing import NamedTuple

from server.web.words import N_

STEPS = 7


class Block(NamedTuple):
    """What is said of a block: always, and to who is guided, as a step of the whole."""

    help: str
    step: int = 0
    note: str = ""


BLOCKS = {
    "overview": Block(
        "", 1, N_("Press “Write a bulletin”. Nothing sounds until another person has approved it: try without fear.")
    ),
    "to-do": Block(N_("What needs you comes first.")),
    "now-playing": Block(N_("What loudspeakers themselves say that they play at this moment.")),
    "next": Block(N_("The next three, and how many loudspeakers have the sound already.")),
    "content": Block(
        N_("Say what, where, when, and what people are to do. Short sentences are understood best."),
        2,
        N_("Type a title and a short text, for instance: “The hamlet meets at 19:00.” Then press “Listen”."),
    ),
    "languages": Block(
        "",
        3,
        N_("For a first try, leave the other languages empty; you are told which hamlet lacks which."),
    ),
    "places": Block(
        N_("Where it sounds. Untick what it does not concern."), 4, N_("For a first try, tick one hamlet only.")
    ),
    "time": Block(
        N_("At once, at an hour, or again and again."),
        5,
        N_("Choose a day and an hour, for instance tomorrow at 17:00. Clashes with others are told at once."),
    ),
    "send": Block("", 6, N_("Press “Send for approval”. Whoever may approve gets a message.")),
    "sent": Block(
        "",
        7,
        N_(
            "It is sent. Another person opens it under “Approvals”, listens and approves it (in the demonstration:"
            " sign in as pheduyet). Then each loudspeaker says on this page whether it is ready, and what it played."
        ),
    ),
    "bulletins": Block(N_("All that was written for your places, the newest first.")),
    "approvals": Block(N_("Open one, listen to every language, then approve it or send it back with a reason.")),
    "hamlets": Block(N_("Choose a hamlet: the page shows what it hears, worked out as its loudspeaker works it out.")),
    "timetable": Block(N_("What sounds, what stays silent and why, and what waits; with the days of the moon.")),
    "log": Block(N_("What each loudspeaker says that it did. A row without a report is unknown, not played.")),
    "fleet": Block(N_("How each loudspeaker is, why it is silent, what to do next, and who does it.")),
    "people": Block(N_("Who may do what, and where. Nobody gives a role to themselves.")),
}
"""By the name that a template gives."""
