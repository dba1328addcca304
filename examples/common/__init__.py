"""What the two example apps share: everything that has nothing to do with their framework."""
