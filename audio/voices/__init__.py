"""The engines that turn words into sound: one small file each.

Imported by the server's composition root, the command line and tests.
"""
