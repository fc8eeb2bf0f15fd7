"""The pages in a real browser.

Its rooms serve these tests alone.
"""
