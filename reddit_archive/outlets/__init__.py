"""Ways out: threads in the forms that other programs read.

Each takes what is `known` of threads, one after the other, so that no more than one is in memory.
"""
