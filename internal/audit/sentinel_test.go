package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/audit"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// watch lets the sentinel look until it has come to this about an invariant. Each comes again only after a while, which is
// the longer the longer it took: nothing has taken long here, however slow the machine is.
func watch(t *testing.T, s *shoptest.Shop, name string, want audit.ConsistencyState) audit.ConsistencyCheck {
	t.Helper()
	var c audit.ConsistencyCheck
	eventually(t, func() (string, bool) {
		if _, err := s.Pool.Exec(t.Context(), `update consistency_check set took_ms = 0`); err != nil {
			t.Fatal(err)
		}
		if err := s.Audit.Watch(t.Context(), s.Events, s.Logger, "test"); err != nil {
			t.Fatal(err)
		}
		report, err := s.Audit.Consistency(t.Context(), s.Pool)
		if err != nil {
			t.Fatal(err)
		}
		c = report.Checks[slices.IndexFunc(report.Checks, func(c audit.ConsistencyCheck) bool { return c.Name == name })]
		return fmt.Sprintf("%s is %s, want %s", name, c.State, want), c.State == want
	})
	return c
}

// alarms lists what the sentinel has told.
func alarms(t *testing.T, s *shoptest.Shop) []string {
	t.Helper()
	rows, err := s.Pool.Query(t.Context(), `
select version || ' ' || kind || ' ' || (data ->> 'name') || ' ' || coalesce(data ->> 'violations', '') || ' by ' || by
from event where kind like 'consistency.%' order by version`)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestTheSentinelTellsOnceWhatIsBrokenAndWhenItHoldsAgain(t *testing.T) {
	s, _ := open(t)
	empty, err := s.Audit.Consistency(t.Context(), s.Pool)
	if err != nil || empty.CheckedAt() != nil && len(empty.Checks) != len(audit.Invariants) {
		t.Fatalf("before the first look: %+v, %v", empty, err)
	}
	watch(t, s, "S3", audit.ConsistencyOK)
	asOwner(t, s, `update stock_level set reserved = reserved + 1`)
	broken := watch(t, s, "S3", audit.ConsistencyViolated)
	if broken.Violations != 1 || len(broken.Samples) != 1 || !strings.Contains(broken.Samples[0].Subject, "LAMP") || broken.CheckedAt == nil {
		t.Errorf("the sentinel found %+v", broken)
	}
	report, err := s.Audit.Consistency(t.Context(), s.Pool)
	if err != nil || report.Consistent() || report.Violations() < 1 {
		t.Errorf("the report is %+v, %v", report, err)
	}
	if err := s.Audit.Watch(t.Context(), s.Events, s.Logger, "test"); err != nil { // nothing new
		t.Fatal(err)
	}
	asOwner(t, s, `update stock_level set reserved = reserved - 1`)
	watch(t, s, "S3", audit.ConsistencyOK)
	told := slices.DeleteFunc(alarms(t, s), func(line string) bool { return !strings.Contains(line, " S3 ") })
	want := []string{"consistency.broken S3 1 by system", "consistency.restored S3  by system"}
	if len(told) != len(want) || !strings.HasSuffix(told[0], want[0]) || !strings.HasSuffix(told[1], want[1]) {
		t.Errorf("the sentinel told %q, want %q", told, want)
	}
}

// TestTheSentinelGivesUpWhatTakesTooLong: a check that can't be done in its time neither stops the others nor raises
// an alarm.
func TestTheSentinelGivesUpWhatTakesTooLong(t *testing.T) {
	s, _ := open(t)
	conn, err := pgx.ConnectConfig(t.Context(), s.Pool.Config().ConnConfig.Copy())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	for _, statement := range []string{`reset role`, `set idle_in_transaction_session_timeout = 0`, `begin`, `lock table idempotency_key in access exclusive mode`} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"E6", "E7"} {
		if c := watch(t, s, name, audit.ConsistencyUnfinished); c.Violations != 0 || len(c.Samples) != 0 {
			t.Errorf("%s was not finished and has %+v", name, c)
		}
	}
	watch(t, s, "M1", audit.ConsistencyOK)
	told := slices.DeleteFunc(alarms(t, s), func(line string) bool { return strings.Contains(line, " D2 ") }) // the session with the lock
	if len(told) != 0 {
		t.Errorf("the sentinel told %q", told)
	}
}

// TestASessionThatHoldsOthersUpIsFound: a transaction that somebody left open shows within seconds.
func TestASessionThatHoldsOthersUpIsFound(t *testing.T) {
	s, _ := open(t)
	config := s.Pool.Config().ConnConfig.Copy()
	config.RuntimeParams["application_name"] = "forgetful"
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), `begin`); err != nil {
		t.Fatal(err)
	}
	c := watch(t, s, "D2", audit.ConsistencyViolated)
	if !slices.ContainsFunc(c.Samples, func(v audit.ConsistencyViolation) bool { return strings.Contains(v.Subject, "forgetful") }) {
		t.Errorf("the sentinel found %+v", c.Samples)
	}
}
