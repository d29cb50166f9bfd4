"""Intake: every file that arrives is archived, read, checked, decided and answered with a receipt."""
