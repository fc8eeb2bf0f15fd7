"""Tests of the database and the use cases on it.

Nobody imports this package but its own tests.
"""
