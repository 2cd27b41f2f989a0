"""Answers that people see: pages and what stands around their content, errors, papers."""
