"""Adapters of payment providers: each turns one provider's protocol into the contract of payments and knows nothing of bills."""
