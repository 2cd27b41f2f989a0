"""Payments: bills, the ledger and paying through a provider. The gateway contract is in contract.py, adapters in gateways/."""
