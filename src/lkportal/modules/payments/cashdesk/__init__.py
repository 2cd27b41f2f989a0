"""The cash desk: money taken by hand for one or several accounts, reversed by another person, days closed with their totals."""
