"""Measurements of what the product promises in figures; never timed tests.

Imported by the bench command only.
"""
