"""What the map says, in words.

Imported by the pages and their tests.
"""

from server.boundary import BoundaryFault
from server.mapping import LOST, NEVER, UNWELL, WELL
from server.web.words import N_

STATES = {WELL: N_("Well"), UNWELL: N_("Not well"), LOST: N_("No link"), NEVER: N_("has never reported")}
COUNTED = N_("%(bad)s of %(count)s loudspeakers are not well")
NEAR = N_("somewhere near here: nobody has entered its coordinates")
NOWHERE = N_("%(count)s loudspeakers are not on the map: nothing is known of where they stand.")
BROWSER = {
    "map": N_("Map"),
    "open": N_("Open"),
    "in": N_("Closer"),
    "out": N_("Further away"),
}
BOUNDARY_FAULTS = {
    BoundaryFault.too_large: N_("The file is too large (900 kB, 40,000 points at most). Please simplify the borders."),
    BoundaryFault.no_geojson: N_("This is no GeoJSON file with a FeatureCollection. Nothing was taken."),
    BoundaryFault.no_polygon: N_("“%(about)s” is no polygon. Nothing was taken."),
    BoundaryFault.open_ring: N_("The border of “%(about)s” does not close. Nothing was taken."),
    BoundaryFault.elsewhere: N_("“%(about)s” lies outside Vietnam: are these degrees (WGS 84)? Nothing was taken."),
    BoundaryFault.unknown_area: N_("“%(about)s” is no area that you administer. Nothing was taken."),
    BoundaryFault.twice: N_("“%(about)s” stands twice in the file. Nothing was taken."),
}
