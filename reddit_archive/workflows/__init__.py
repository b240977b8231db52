"""What the commands and the public interface do. Nothing here imports click or prints."""
