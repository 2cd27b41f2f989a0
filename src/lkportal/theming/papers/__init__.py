"""What leaves the pages: letters and printed papers in the brand's look."""
