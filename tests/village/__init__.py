"""The village: many loudspeakers, a server and bad weather, in one process on a heap for a clock.

Run by `loaban simulate` and the tests; the product never imports it.
"""
