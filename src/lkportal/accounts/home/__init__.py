"""What a person sees on the home page of an account: the order of its cards, which are pinned, which are put away."""
