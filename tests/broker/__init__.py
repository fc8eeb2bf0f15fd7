"""What the product needs of a broker, asked of each kind.

Nobody imports this package but its own tests.
"""
