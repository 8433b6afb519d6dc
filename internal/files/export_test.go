package files

import "time"

// Hurry shortens the lease, so that a test need not wait for a worker that died.
func (f *Files) Hurry(lease time.Duration) { f.lease = lease }
