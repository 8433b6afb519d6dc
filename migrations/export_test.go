package migrations

// CheckFile says what keeps the text of a file from being run.
func CheckFile(text string) error { return repeatable(concurrent(text)) }
