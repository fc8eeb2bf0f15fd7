"""Tests of single rooms.

Nobody imports this package but its own tests.
"""
