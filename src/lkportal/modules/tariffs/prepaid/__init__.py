"""Services that are paid in advance: charges of periods, standing still without money, promised payments."""
