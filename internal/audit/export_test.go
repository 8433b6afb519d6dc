package audit

// OperatorEventStatements list what operators should know, either way around.
var OperatorEventStatements = []string{operatorEventsSQL, operatorEventsDownSQL}

// Stride is how many places of the feed are looked through at once.
const Stride = stride

// OperatorFeedStatement gives those who follow what they have not seen.
const OperatorFeedStatement = operatorFeedSQL

// StreamOf is the history to which an event belongs.
func StreamOf(e OperatorEvent) [16]byte { return e.stream }

// OperatorEventKinds are the kinds of events that operators are told of.
func OperatorEventKinds() []string {
	kinds := make([]string, len(readings))
	for i, r := range readings {
		kinds[i] = r.kind
	}
	return kinds
}
