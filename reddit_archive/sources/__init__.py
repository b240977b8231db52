"""Sources of captures: one package per source, behind the protocol `base.Source`."""
