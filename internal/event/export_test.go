package event

// SequenceSQL is what the sequencer asks at each step, for the test of its plan.
const SequenceSQL = sequenceSQL
