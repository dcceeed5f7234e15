"""What runs a network. Reads a description by its attributes and imports the kernels only."""
