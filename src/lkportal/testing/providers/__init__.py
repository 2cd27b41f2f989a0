"""Providers to test gateways against: what a driver plays, the smallest gateway that keeps the contract, fakes of real ones."""
