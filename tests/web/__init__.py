"""The pages, asked as a browser asks them, on a real database with a clock that stands still.

Its stage also serves the tests in a real browser.
"""
