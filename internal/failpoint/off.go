//go:build !failpoint

package failpoint

// Enabled says whether this build can be told to die.
const Enabled = false

// Hit passes the point; in this build nothing can happen.
func Hit(Name) {}
