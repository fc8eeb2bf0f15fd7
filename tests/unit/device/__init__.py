"""Tests of the loudspeaker's core.

Nobody imports this package but its own tests.
"""
