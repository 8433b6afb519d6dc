package jobs_test

import (
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/shoptest"
	"github.com/wharfhq/wharf/jobs"
)

// run leaves a job behind as it is while a process runs it: begun at this moment, so that it is long before its time to
// be rescued.
func (o *office) run(kind, queue, process string, attempt int, metadata string) (job int64) {
	o.t.Helper()
	const runningSQL = `
insert into river.river_job (kind, args, queue, max_attempts, attempt, state, attempted_at, attempted_by, metadata)
values ($1, '{}', $2, 3, $4, 'running', now(), array['an earlier one', $3], $5)
returning id`
	if err := o.Pool.QueryRow(o.t.Context(), runningSQL, kind, queue, process, attempt, metadata).Scan(&job); err != nil {
		o.t.Fatal(err)
	}
	return job
}

// job tells the state of a job and what went wrong with its last try.
func (o *office) job(id int64) (state, problem string) {
	o.t.Helper()
	const jobSQL = `select state::text, coalesce(errors[cardinality(errors)] ->> 'error', '') from river.river_job where id = $1`
	if err := o.Pool.QueryRow(o.t.Context(), jobSQL, id).Scan(&state, &problem); err != nil {
		o.t.Fatal(err)
	}
	return state, problem
}

func (o *office) heard(process string, ago time.Duration) {
	o.t.Helper()
	const heardSQL = `insert into job_process (id, seen_at) values ($1, now() - $2::interval)`
	if _, err := o.Pool.Exec(o.t.Context(), heardSQL, process, ago); err != nil {
		o.t.Fatal(err)
	}
}

// TestTheJobsOfADeadProcessAreTakenUp long before River would look at them, whatever time their kind may take.
func TestTheJobsOfADeadProcessAreTakenUp(t *testing.T) {
	const died = "The process that ran the job died."
	o := newOffice(t, jobs.Config{})
	o.heard("dead", 16*time.Second)
	o.heard("living", -time.Hour)
	o.heard("long dead", 2*time.Hour)
	rebuild := o.run("rebuild_listing", "maintenance", "dead", 1, `{}`) // may take ten minutes
	last := o.run("purge_carts", "maintenance", "dead", 3, `{}`)
	unwanted := o.run("purge_carts", "maintenance", "dead", 1, `{"cancel_attempted_at": "2026-01-01T00:00:00Z"}`)
	lives := o.run("purge_carts", "maintenance", "living", 1, `{}`)
	unknown := o.run("purge_carts", "maintenance", "of an earlier release", 1, `{}`)
	o.second(shoptest.Working())
	o.eventually(func() bool {
		state, _ := o.job(rebuild)
		return state == "completed"
	})
	for _, c := range []struct {
		name           string
		job            int64
		state, problem string
	}{
		{"the one that was taken up", rebuild, "completed", died},
		{"one that has been tried often enough", last, "discarded", died},
		{"one that was to be cancelled", unwanted, "cancelled", died},
		{"one of a process that lives", lives, "running", ""},
		{"one of a process that tells nobody that it lives", unknown, "running", ""},
	} {
		if state, problem := o.job(c.job); state != c.state || problem != c.problem {
			t.Errorf("%s is %s: %q", c.name, state, problem)
		}
	}
	processes := func() (n int) {
		const countSQL = `select count(*) from job_process where id in ('dead', 'long dead') or seen_at > now() - interval '10 seconds'`
		if err := o.Pool.QueryRow(t.Context(), countSQL).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	// The dead one is remembered, the long dead one is forgotten, and the new one tells that it lives.
	o.eventually(func() bool { return processes() == 3 })
}

// TestAJobWhoseFetchWasLostIsTakenUp: it is said to run in a process that lives, which knows nothing of it.
func TestAJobWhoseFetchWasLostIsTakenUp(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	var process string
	o.eventually(func() bool {
		return o.Pool.QueryRow(t.Context(), `select id from job_process`).Scan(&process) == nil
	})
	lost := o.run("purge_carts", "maintenance", process, 1, `{}`)
	fetched := o.run("purge_carts", "maintenance", process, 1, `{}`) // at this moment
	if _, err := o.Pool.Exec(t.Context(), `update river.river_job set attempted_at = now() - interval '16 seconds' where id = $1`, lost); err != nil {
		t.Fatal(err)
	}
	o.eventually(func() bool {
		state, _ := o.job(lost)
		return state == "completed"
	})
	if _, problem := o.job(lost); problem != "The process that fetched the job never heard of it." {
		t.Errorf("of the job that was lost it is said: %q", problem)
	}
	if state, problem := o.job(fetched); state != "running" || problem != "" {
		t.Errorf("the job that is on its way to its worker is %s: %q", state, problem)
	}
}

// TestAProcessThatEndsSaysSo: nobody waits for a sign of it.
func TestAProcessThatEndsSaysSo(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	count := func() (n int) {
		if err := o.Pool.QueryRow(t.Context(), `select count(*) from job_process where seen_at > now() - interval '15 seconds'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	o.eventually(func() bool { return count() == 1 })
	if err := o.jobs.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 0 {
		t.Errorf("%d processes are said to live", n)
	}
}

// TestAProcessThatWasNotHeardBuriesNobody: where the database kept all processes from telling that they live, they seem
// dead to the first that is heard again. It takes nothing from them until it has been heard twice.
func TestAProcessThatWasNotHeardBuriesNobody(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	seen := func() (n int) {
		if err := o.Pool.QueryRow(t.Context(), `select count(*) from job_process`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	o.eventually(func() bool { return seen() == 1 })
	job := o.run("purge_carts", "maintenance", "dead", 1, `{}`)

	tx, err := o.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	// From the silence on, each beat writes down what the job was at its moment, and how it ended.
	const silenceSQL = `
set local role none;
set local idle_in_transaction_session_timeout = 0;
lock table job_process in access exclusive mode;
create table beat (number bigint generated always as identity, state text);
create function note_beat() returns trigger language plpgsql security definer as $$ begin
    insert into beat (state) select state::text from river.river_job where kind = 'purge_carts' and attempted_by @> '{dead}';
    return null;
end $$;
create trigger beat after insert or update on job_process for each row execute function note_beat()`
	if _, err := tx.Exec(t.Context(), silenceSQL); err != nil {
		t.Fatal(err)
	}
	time.Sleep(8 * time.Second) // two beats are not heard
	if _, err := tx.Exec(t.Context(), `alter table job_process disable trigger beat`); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `insert into job_process (id, seen_at) values ('dead', now() - interval '1 hour')`); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `alter table job_process enable trigger beat`); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.eventually(func() bool {
		state, _ := o.job(job)
		return state != "running"
	})
	var beats []string
	if err := o.Pool.QueryRow(t.Context(), `select array_agg(state order by number) from beat`).Scan(&beats); err != nil {
		t.Fatal(err)
	}
	if len(beats) < 2 || beats[0] != "running" || beats[1] != "running" {
		t.Errorf("at the beats after the silence the job was %v", beats)
	}
}
