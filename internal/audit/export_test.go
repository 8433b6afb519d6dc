package audit

// OperatorEventStatements list what operators should know, either way around.
var OperatorEventStatements = []string{operatorEventsSQL, operatorEventsDownSQL}

// OperatorEventKinds are the kinds of events that operators are told of.
func OperatorEventKinds() []string {
	kinds := make([]string, len(readings))
	for i, r := range readings {
		kinds[i] = r.kind
	}
	return kinds
}
