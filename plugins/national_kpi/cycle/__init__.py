"""The reporting cycle: who owes which report, and whether it came."""
