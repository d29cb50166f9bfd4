"""Intake: every file that arrives gets exactly one receipt, and nothing received is lost or counted twice."""
