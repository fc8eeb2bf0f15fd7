"""The pages: Vietnamese first, usable on an old telephone without JavaScript.

Imported by `server.app` and tests.
"""
