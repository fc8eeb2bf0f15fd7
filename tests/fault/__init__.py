"""Faults injected for real: processes killed, brokers stopped, files damaged, clocks wrong.

Nobody imports this package but its own tests.
"""
