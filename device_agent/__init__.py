"""One loudspeaker: a pure core and thin shells around it.

Imports `schedules` and `audio.clip`; never `server`.
"""
