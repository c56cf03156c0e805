"""The pure core of targets: terms, assessment, alert decisions. It imports no framework and reads no clock."""
