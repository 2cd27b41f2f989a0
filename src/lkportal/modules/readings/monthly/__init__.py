"""What happens to readings by itself: reminders, months without a reading, groups of similar homes, unusual growth, old photos."""
