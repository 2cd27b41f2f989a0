"""Refunds by the company's people: asked for at the desk, given by the provider, booked by recording like any refund."""
