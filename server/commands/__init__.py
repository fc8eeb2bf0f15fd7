"""The commands that a person types, one file for each family: `describe` says how they are written, `run` does one.

Imported by `server.__main__`.
"""
