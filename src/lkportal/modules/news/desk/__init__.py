"""The company's side of news: pages and reads of the desk. Rules stand in the module's service."""
