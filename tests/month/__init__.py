"""A month of a province in which everything breaks that breaks in the field, and whether the server names it rightly.

Imported by nobody.
"""
