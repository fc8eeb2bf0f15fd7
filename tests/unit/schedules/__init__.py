"""Tests of the schedules.

Nobody imports this package but tests that share its strategies.
"""
