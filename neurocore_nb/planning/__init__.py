"""What a network will take in memory, messages and time, before it is built."""
