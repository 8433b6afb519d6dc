package graph

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgerrcode"
)

// TestALackIsToldOnce for as long as operations go on to meet it, and each kind by itself.
func TestALackIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l lack
		tell := func(state string, want bool) {
			t.Helper()
			if l.news(state) != want {
				t.Errorf("%s is news: %t", state, !want)
			}
		}
		tell(pgerrcode.DiskFull, true)
		for range 5 {
			time.Sleep(lackQuiet - time.Second)
			tell(pgerrcode.DiskFull, false)
		}
		tell(pgerrcode.TooManyConnections, true)
		time.Sleep(lackQuiet)
		tell(pgerrcode.DiskFull, true)
	})
}
