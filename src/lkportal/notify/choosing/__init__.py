"""How a person wants to be told: what they chose, when a message leaves by it, letters gathered by it."""
