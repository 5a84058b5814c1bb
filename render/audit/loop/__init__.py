"""The parts of a recorder: what it is given, the folder that it writes to, and numbers of a step."""
