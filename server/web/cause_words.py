"""Causes, acts and facts of silent loudspeakers, in words.

Imported by the pages and their tests.
"""

from collections.abc import Callable

from schedules.clock import UtcMs
from server.cause import Cause, Fact, Known, Owner
from server.web.words import N_

CAUSES = {
    Cause.well: N_("It is well."),
    Cause.never_installed: N_("It has been made here, but no box has ever spoken under its name."),
    Cause.server_away: N_("The server itself has lost its link; nothing is known of any loudspeaker."),
    Cause.all_dark: N_("Hardly any loudspeaker of the province is heard: most likely the broker, or its line."),
    Cause.shut_out: N_("It has been shut out here: it may not come in any more."),
    Cause.certificate_over: N_("Its certificate is over: it cannot come in."),
    Cause.two_boxes: N_("Two boxes use its name, or its memory card was copied."),
    Cause.network_down: N_("Most likely the mobile network of its SIM is down around there."),
    Cause.area_power: N_("The commune, or a large part of it, has no electricity."),
    Cause.hamlet_power: N_("The hamlet has no electricity."),
    Cause.hamlet_dark: N_("Its hamlet is silent: either the electricity there, or the mobile network."),
    Cause.area_dark: N_("Most likely the mobile network or the electricity of the whole place is down."),
    Cause.battery_empty: N_("Most likely its battery has run empty."),
    Cause.hot: N_("Its box is too hot."),
    Cause.weak_supply: N_("Its power supply is too weak."),
    Cause.battery_low: N_("Its battery is nearly empty."),
    Cause.restarts: N_(
        "It starts again and again: either its electricity comes and goes, or its program ends each time."
    ),
    Cause.unheard: N_("Its card plays, but nothing is heard: the amplifier, the cable or the horn, or the microphone."),
    Cause.no_mains: N_("It runs on its battery: there is no mains."),
    Cause.alone_dark: N_("Most likely its own power, SIM or antenna."),
    Cause.sound_card: N_("Its sound card fails: it cannot sound."),
    Cause.memory_card: N_("Its memory card fails."),
    Cause.card_full: N_("Its memory card is full."),
    Cause.data_spent: N_("The data of its SIM is used up."),
    Cause.refuses: N_("It refuses what it is sent, because the signatures are not ours."),
    Cause.clock: N_("It does not know for certain what time it is."),
    Cause.weak_link: N_("Its link is too weak for the sounds that it still needs."),
}
ACTS = {
    Cause.well: "",
    Cause.never_installed: N_("Install it, or enrol it anew with a code from its page."),
    Cause.server_away: N_("Have the server and the broker looked at."),
    Cause.all_dark: N_("Have the broker and its internet line looked at. Loudspeakers play on by themselves."),
    Cause.shut_out: N_(
        "If it is to sound again, enrol it anew with a code from its page; if not, nothing is to be done."
    ),
    Cause.certificate_over: N_("Enrol it anew with a code from its page."),
    Cause.two_boxes: N_("Take the copy away, or enrol it under a name of its own."),
    Cause.network_down: N_("Tell the network operator. Loudspeakers play on by themselves."),
    Cause.area_power: N_(
        "Ask the electricity company when it comes back. Loudspeakers with a battery play on as long as it lasts."
    ),
    Cause.hamlet_power: N_(
        "Call the head of the hamlet: since when is there no electricity, is it known when it comes?"
    ),
    Cause.hamlet_dark: N_("Call the head of the hamlet: is there electricity, do telephones have a signal?"),
    Cause.area_dark: N_(
        "Ask the commune whether there is power; tell the network operator. Loudspeakers play on by themselves."
    ),
    Cause.battery_empty: N_(
        "Call the head of the hamlet: is there electricity, is the plug in its socket, is the solar panel clean?"
    ),
    Cause.battery_low: N_("Look at the solar panel, the charger and the age of the battery."),
    Cause.restarts: N_("Ask at the place whether the electricity flickers; if not, change the memory card or the box."),
    Cause.unheard: N_("Check amplifier, cable and horn by a test tone with somebody beside it; then the microphone."),
    Cause.hot: N_("Give it shade and air; look whether the vents of its box are free."),
    Cause.weak_supply: N_("Change its power supply, and give the amplifier one of its own."),
    Cause.no_mains: N_("Call the head of the hamlet: is there electricity, is the plug in its socket?"),
    Cause.alone_dark: N_(
        "Call the head of the hamlet: is the lamp of the box on, is the SIM in place, is there credit on it?"
    ),
    Cause.sound_card: N_("Check the cable and the power of the sound card, then change it."),
    Cause.memory_card: N_("Change the memory card and enrol the box anew."),
    Cause.card_full: N_("Put in a larger memory card."),
    Cause.data_spent: N_("Raise the limit of the SIM, or wait for the new month. Emergencies get through."),
    Cause.refuses: N_("Look at its signing keys; if they are right, somebody else may be sending."),
    Cause.clock: N_("Nothing: it sets itself as soon as there is a network. Emergencies sound."),
    Cause.weak_link: N_(
        "Nothing at first: it goes on fetching. If it lasts for days, move its antenna or change the operator."
    ),
}
OWNERS = {
    Owner.nobody: N_("nobody has to act"),
    Owner.hamlet_head: N_("head of the hamlet"),
    Owner.commune: N_("commune"),
    Owner.technician: N_("technician"),
    Owner.operator: N_("network or electricity operator, through the commune"),
    Owner.province: N_("province (server)"),
}
FACTS = {
    Fact.never_heard: N_("it has never reported"),
    Fact.server_unlinked: N_("the server has no link to the broker"),
    Fact.nobody_heard: N_("hardly any loudspeaker of the province is heard"),
    Fact.shut_out: N_("it has been shut out on this server"),
    Fact.certificate_over: N_("its certificate was over at %(at)s"),
    Fact.silent_since: N_("no sign of life since %(at)s"),
    Fact.network_silent: N_(
        "%(count)s of %(total)s neighbours on the same network (%(words)s) went silent with it, those on others did not"
    ),
    Fact.hamlet_silent: N_("%(count)s of %(total)s neighbours in the hamlet went silent with it"),
    Fact.neighbours_silent: N_("%(count)s of %(total)s neighbours in the commune went silent at the same time"),
    Fact.neighbours_well: N_("its %(total)s neighbours in the commune did not go silent with it"),
    Fact.no_neighbours: N_("it has no neighbour in the commune to compare with"),
    Fact.still_plays: N_("with power it plays on by itself, and reports later"),
    Fact.knows_nothing: N_("it has been alone for so long that it has nothing left to play"),
    Fact.doubled: N_("a second box was heard under its name at %(at)s"),
    Fact.sound_card: N_("its sound card says: %(words)s"),
    Fact.memory_card: N_("its memory card says: %(words)s"),
    Fact.disk_low: N_("only %(size)s are free on its memory card"),
    Fact.data_spent: N_("%(count)s sounds wait because of data or room"),
    Fact.clock: N_("its clock is not trusted"),
    Fact.sounds_missing: N_("%(count)s sounds are still to come"),
    Fact.battery: N_("its battery was last at %(count)s %%"),
    Fact.on_battery: N_("it last said that it runs on its battery"),
    Fact.neighbours_on_battery: N_(
        "%(count)s of %(total)s neighbours in the commune have no electricity either, as far as it can be known"
    ),
    Fact.restarts: N_("it has started %(count)s times in six hours"),
    Fact.unheard: N_("its microphone has not heard the last %(count)s plays"),
    Fact.weak_supply: N_("its supply has been too weak since it started"),
    Fact.hot: N_("it is %(count)s °C hot inside"),
    Fact.in_repair: N_("somebody looks after it since %(at)s: %(words)s"),
    Fact.refused: N_("it refused %(count)s messages that did not bear our signature"),
}


def fact(say: Callable[[str], str], known: Known, when: Callable[[UtcMs], str], size: Callable[[int], str]) -> str:
    """A fact as the part of a sentence."""
    parts = {
        "at": when(known.at) if known.at else "",
        "count": known.count,
        "total": known.total,
        "words": known.words,
        "size": size(known.count),
    }
    return say(FACTS[known.fact]) % parts
