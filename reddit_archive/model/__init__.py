"""What Reddit data means: references, captures, threads, content and deletions. Pure."""
