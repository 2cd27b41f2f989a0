"""What the company's people set about accounts: roles of their own, how well a person is verified, seeing as a customer."""
