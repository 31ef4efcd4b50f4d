"""The desktop: the tray icon, later the windows. Qt lives in this package and nowhere else."""
