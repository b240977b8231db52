"""Ways out: threads in the forms that other programs read.

Each makes lines or rows of what is `known` of a thread, and writes those of one thread after the
other, so that no more than one is in memory; `telling` has the first part done by workers.
"""
