"""The tests, the village simulation and the bench.

The product never imports this package; the launcher runs `tests.village` and `tests.bench`.
"""
