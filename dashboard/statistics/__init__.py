"""What statistics add to counts: pure functions on numbers and frames."""
