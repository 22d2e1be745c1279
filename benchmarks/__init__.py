"""What the product costs, as ratios to a bare Flask page on the same server in the same run."""
