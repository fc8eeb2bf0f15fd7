"""The desk, the approval and the oversight: pure rules, use cases, shells and web.

Imports `schedules` and `audio`; never `device_agent`.
"""
