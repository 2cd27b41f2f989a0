"""What works once and for a while: tokens of links, codes and how they are made, the way in by a code."""
