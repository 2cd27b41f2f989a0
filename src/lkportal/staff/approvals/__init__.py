"""Acts that wait for a second person: kept, shown, decided once, done."""
