package files

import "time"

// Hurry shortens turns and leases, so that a test need not wait for a worker that died.
func (f *Files) Hurry(turn, lease time.Duration) { f.turn, f.lease = turn, lease }
