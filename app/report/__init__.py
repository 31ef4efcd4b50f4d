"""The reading half: what the store holds, as values that the tray, the windows and the command line render."""
