"""The laws of the house, checked on the source itself.

Nobody imports this package.
"""
