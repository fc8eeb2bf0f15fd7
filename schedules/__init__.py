"""What is to be played when, and what was; and every message that crosses the wire.

Anybody may import this package; it is pure.
"""
