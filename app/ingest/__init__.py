"""The writing half: from files on the disk to rows in the store."""
