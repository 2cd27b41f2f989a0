"""Messages leave: asked once more whether they should, handed to a mail server or a gateway, kept by the demo's mailbox."""
