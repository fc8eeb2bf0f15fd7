"""The loudspeaker's ear: whether what was played was there, at the amplifier or in the air.

Imported by `device_agent.speaker` and the composition root; `detection` by nobody but the process that listens.
"""
