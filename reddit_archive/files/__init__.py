"""Read and write files so that a crash loses nothing, and parse JSON fast."""
