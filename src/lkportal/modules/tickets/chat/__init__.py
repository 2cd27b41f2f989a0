"""The conversation: its rules and page, who of the company answers whom, and when."""
