"""The company's people and readings: doubtful ones looked at, rules set by date, meters replaced."""
