"""Attacks on all that is read from outside: bytes that nobody would send, and words that somebody else once said.

Run by pytest alone.
"""
