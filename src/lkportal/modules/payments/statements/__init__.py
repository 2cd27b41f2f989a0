"""The statement of an account as a spreadsheet. The papers (PDF) stand in routes_papers."""
