"""The migrations, oldest first.

Alembic finds them by their files; nobody imports this package.
"""
