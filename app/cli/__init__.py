"""The command line: arguments in, reports out. Names and shapes are a contract; what can be shared lies in `report`."""
