"""Frame Potential: animated figures of how representations form, measured live and checked against theory."""
