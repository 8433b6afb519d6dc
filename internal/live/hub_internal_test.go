package live

import (
	"testing"
	"time"
)

func TestTheHubRestsAsItsLooksCostAndNotAsLongAsTheDatabaseWasAway(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]time.Duration{
		0:                      10 * time.Millisecond,
		5 * time.Millisecond:   15 * time.Millisecond,
		300 * time.Millisecond: 900 * time.Millisecond,
		20 * time.Second:       2 * time.Second,
	} {
		if pause := pauseAfter(took); pause != want {
			t.Errorf("after a look of %s it rests for %s, want %s", took, pause, want)
		}
	}
}
