"""Measurements with their anchors: `make bench`. Speed is shown here as ratios, and never asserted in a test."""
