"""What pages say of languages: what is wrong with what was typed, where a text comes from, what became of a request.

Imported by the pages.
"""

from server.bulletin import TEMPLATE, TRANSLATED, TYPED
from server.hamlet import HamletFault
from server.language_form import LanguageFault
from server.request import RequestState
from server.voicing import Voicing
from server.web.words import N_

LANGUAGE_FAULTS = {
    LanguageFault.empty: N_("Please fill this in."),
    LanguageFault.too_long: N_("Too long: at most 80 characters."),
    LanguageFault.unseen: N_("There are characters in it that cannot be seen. Please delete them."),
    LanguageFault.no_tag: N_(
        "This is no language code. It has two or three letters, such as tyz, and may go on as in tyz-x-batxat."
    ),
    LanguageFault.there_already: N_("There is a language with this code already."),
    LanguageFault.no_engine: N_("Please choose among the machine voices that are allowed for this language."),
    LanguageFault.needed: N_("Vietnamese cannot be retired."),
}
HAMLET_FAULTS = {
    HamletFault.unknown: N_("Please choose the languages from the list."),
    HamletFault.twice: N_("A language stands there twice. Please keep it once."),
    HamletFault.too_many: N_("These are too many languages: at most twelve."),
    HamletFault.no_share: N_(
        "“%(about)s” is no share of households. Please write whole per cent (0 to 100) beside a language, or nothing."
    ),
    HamletFault.too_much: N_("Together the shares are %(about)s per cent. They can be at most 100."),
    HamletFault.no_number: N_("“%(about)s” is no number of households. Please write a whole number, or nothing."),
}
ORIGINS = {
    TYPED: N_("typed"),
    TRANSLATED: N_("translated"),
    TEMPLATE: N_("from a template"),
}
REQUEST_STATES = {
    RequestState.open: N_("asked for"),
    RequestState.done: N_("recorded"),
    RequestState.declined: N_("declined"),
    RequestState.taken_back: N_("taken back"),
}
VOICINGS = {
    Voicing.missing: N_("nothing yet"),
    Voicing.text_only: N_("text only: a recording is needed"),
    Voicing.machine: N_("a machine voice reads it"),
    Voicing.recording: N_("has a recording"),
    Voicing.phrases: N_("spoken from the phrase bank"),
    Voicing.recalled: N_("as it was approved with this text before"),
    Voicing.other_text: N_("a recording of another text: please listen to it"),
    Voicing.left_out: N_("left out on purpose"),
}
"""How a language of a form stands."""
VOICING_SIGNS = {
    Voicing.missing: "○",
    Voicing.text_only: "◐",
    Voicing.machine: "✓",
    Voicing.recording: "✓",
    Voicing.phrases: "✓",
    Voicing.recalled: "✓",
    Voicing.other_text: "⚠",
    Voicing.left_out: "–",
}
ENGINES = {
    "command": N_("the province's own voice program"),
    "piper": N_("Piper (installed voice)"),
    "gtts": N_("gTTS (over the network)"),
    "espeak-ng": N_("espeak-ng (robot voice)"),
}
NOBODY = N_("Nobody has this username, or the account is switched off.")
