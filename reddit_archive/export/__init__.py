"""Export threads in formats that other programs read.

Each format converts `ThreadData` to lines or rows, and writes one thread after the other, so that
only one is in memory. `result` lets workers do the conversion.
"""
