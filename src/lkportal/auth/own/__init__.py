"""What a signed-in person sees and changes of their own access: password, devices, contacts, history of sign-ins."""
