// Saves by itself.
