"""Design tokens in the form of DTCG 2025.10: read from files of designers, written for them."""
