"""Production: from a scene to files, and what of that is due."""
