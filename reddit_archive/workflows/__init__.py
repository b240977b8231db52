"""What the commands do, without click and without printing."""
