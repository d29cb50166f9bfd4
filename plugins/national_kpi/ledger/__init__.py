"""The ledger: the platform's memory of what was received, decided and published."""
