"""The rig: sound cards in user space that behave like hardware, for tests and the bench.

Imported by tests and the bench only.
"""
