"""The sound card of a loudspeaker: an open stream in which a sound starts at an exact frame.

Imported by the composition root of the agent, the bench and tests; needs the standard library alone.
"""
