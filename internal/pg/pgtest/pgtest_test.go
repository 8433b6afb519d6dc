package pgtest_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

func TestNew(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	var role string
	var events int
	if err := pool.QueryRow(t.Context(), `select current_user, (select count(*) from event)`).Scan(&role, &events); err != nil {
		t.Fatal(err)
	}
	if role != "wharf_app" || events != 0 {
		t.Errorf("role %s, %d events; want wharf_app and none", role, events)
	}
}
