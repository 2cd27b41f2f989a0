"""A brand on the desk: its form, drafts, what was published, previews by signed link, wording."""
