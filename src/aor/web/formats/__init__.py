"""How days and instants are written where Django has no catalog of months: in digits alone."""
