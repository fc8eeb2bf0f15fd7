"""What can be played: clips, languages, voices, mastering. Knows no timetable.

`schedules` and `device_agent` may import `audio.clip` only; `server` may import all of it.
"""
