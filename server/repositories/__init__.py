"""The repositories: the only rooms with queries; they speak in the structs of the pure rooms.

Imported by the use cases and the composition root.
"""
