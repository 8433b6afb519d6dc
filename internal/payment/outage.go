package payment

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// An outage is what operators are told of a provider that does not answer. The breakers of all processes make one outage:
// it begins with the first that opens, and is over once the provider has answered for a while and no breaker has been
// found open meanwhile. One that opens and closes again and again is still the same outage.

// ProviderUnavailable tells the operators that a payment provider does not answer and is left alone.
type ProviderUnavailable struct {
	Provider string    `json:"provider"`
	Since    time.Time `json:"since"` // the first call in a row that was not answered
	Reason   string    `json:"reason"`
}

// Kind is payment.provider_unavailable.
func (ProviderUnavailable) Kind() string { return "payment.provider_unavailable" }

// ProviderAvailable tells the operators that a payment provider answers again.
type ProviderAvailable struct {
	Provider string    `json:"provider"`
	Since    time.Time `json:"since"` // the first answer after the last call in vain
	Away     time.Time `json:"away"`  // since when it had not answered
}

// Kind is payment.provider_available.
func (ProviderAvailable) Kind() string { return "payment.provider_available" }

// breakerCause stands in the events of outages.
const breakerCause = "payment_breaker"

// noteWithin bounds what a call waits for an outage to be noted: a lease must not run out over it.
const noteWithin = time.Second

// heard notes what became of a call to a provider: why says what kept it from an answer, and is nil where there is one. It tells the
// log when this process leaves the provider alone or asks it again, and the operators what that is for all processes. What
// could not be noted is noted with the next call.
func (p *Payments) heard(ctx context.Context, provider, charge string, why error) {
	b, ok := p.breakers[provider]
	if !ok {
		return
	}
	now, answered := time.Now(), why == nil
	if b.answered(now, charge, answered) {
		if answered {
			p.log.Info("payment provider answers again", "provider", provider)
		} else {
			p.log.Error("payment provider does not answer and is left alone for a while", "provider", provider, "for", b.pause.String())
		}
	}
	lasted, due := b.toNote(now, answered)
	if !due {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteWithin)
	defer cancel()
	var err error
	if answered {
		err = p.noteAnswer(ctx, provider)
	} else {
		err = p.noteSilence(ctx, provider, lasted, why)
	}
	if err != nil {
		b.unnoted()
		p.log.WarnContext(ctx, "note whether a payment provider answers", "provider", provider, "error", err)
	}
}

const outageSQL = `
insert into payment_outage (provider, id, began_at)
values ($1, $2, clock_timestamp() - $3 * interval '1 microsecond')
on conflict (provider) do update
set answered_at = null
returning id = $2, began_at`

// noteSilence keeps that a provider is left alone, and tells the operators if nobody has before.
func (p *Payments) noteSilence(ctx context.Context, provider string, lasted time.Duration, why error) error {
	outage := id.New()
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		var fresh bool
		var began time.Time
		if err := tx.QueryRow(ctx, outageSQL, provider, outage, lasted.Microseconds()).Scan(&fresh, &began); err != nil || !fresh {
			return err
		}
		_, err := p.events.Append(ctx, tx, outage, 0, bySystem, breakerCause, ProviderUnavailable{
			Provider: provider, Since: began.UTC(), Reason: silent(why),
		})
		return err
	})
}

const outageAnsweredSQL = `
update payment_outage
set answered_at = clock_timestamp()
where provider = $1
  and answered_at is null`

func (p *Payments) noteAnswer(ctx context.Context, provider string) error {
	_, err := p.pool.Exec(ctx, outageAnsweredSQL, provider)
	return err
}

const outagesOverSQL = `
delete from payment_outage
where answered_at < now() - $1 * interval '1 microsecond'
returning provider, id, began_at, answered_at`

// EndOutages tells the operators of providers that have answered for a while, in any process, and were found silent by
// none.
func (p *Payments) EndOutages(ctx context.Context) error {
	err := pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, outagesOverSQL, p.pace.Calm.Microseconds())
		if err != nil {
			return err
		}
		type outage struct {
			Provider         string
			ID               [16]byte
			Began, Answering time.Time
		}
		over, err := pgx.CollectRows(rows, pgx.RowToStructByPos[outage])
		if err != nil {
			return err
		}
		for _, o := range over {
			if _, err := p.events.Append(ctx, tx, o.ID, 1, bySystem, breakerCause, ProviderAvailable{
				Provider: o.Provider, Since: o.Answering.UTC(), Away: o.Began.UTC(),
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("end the outages of payment providers: %w", err)
	}
	return nil
}

// silence is the error of a call, unless it is one of those that are answers.
func silence(err error, answers ...error) error {
	if slices.ContainsFunc(answers, func(answer error) bool { return errors.Is(err, answer) }) {
		return nil
	}
	return err
}

// silent says in words why a call had no answer. What the network or the provider has said itself is for the log: nobody
// knows what else stands in it, and an event is never forgotten.
func silent(err error) string {
	var wire net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &wire) && wire.Timeout():
		return "it takes too long to answer"
	case errors.As(err, new(*net.OpError)):
		return "it can't be reached"
	}
	return "it answers that it fails, or what can't be understood"
}
