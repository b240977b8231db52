"""Where captures come from: one package per source."""
