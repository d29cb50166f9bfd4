"""The ledger's versions, run by `ledger.session.migrate`."""
