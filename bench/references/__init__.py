"""What references cost, and whether they tell the truth on real history."""
