"""Tests of the server's pure rooms.

Nobody imports this package but its own tests.
"""
