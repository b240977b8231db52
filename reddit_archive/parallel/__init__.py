"""Apply a function to many items in order, in this process or in worker processes."""
