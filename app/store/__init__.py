"""What Cuenta keeps. SQL lives here only."""
