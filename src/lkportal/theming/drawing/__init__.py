"""Drawings made on the server as SVG: charts, lines, meter windows, codes."""
