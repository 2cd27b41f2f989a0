"""What the lower rooms ask and higher ones answer: ports for letters, for refusals told, for passwords vouched for."""
