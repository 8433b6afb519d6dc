package testprovider

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// ChallengePath is where the bank's page is served; the key of a charge follows it.
const ChallengePath = "/test-bank/"

// sum adds the entries of a charge up, and says where its shopper acts.
func (p *Provider) sum(key string, entries []entry) charge {
	c := sum(key, entries)
	if c.State == payment.ChargeChallenge && p.options.Site != "" {
		c.ChallengeURL = p.options.Site + ChallengePath + key
	}
	return c
}

// Challenge is the bank's page, on which a shopper confirms a payment or refuses it, at ChallengePath and {charge}. Then the
// bank tells the shop, as a real one does: tell takes the callback. What was decided stays decided.
func (p *Provider) Challenge(tell func(ctx context.Context, header http.Header, body []byte) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.PathValue("charge")
		if uuid.Validate(key) != nil {
			http.NotFound(w, r)
			return
		}
		switch r.Method {
		case http.MethodGet, http.MethodHead:
		case http.MethodPost:
			r.Body = http.MaxBytesReader(w, r.Body, 1024)
			decision := r.PostFormValue("decision")
			if decision != "confirm" && decision != "refuse" {
				http.Error(w, "The decision is confirm or refuse.", http.StatusBadRequest)
				return
			}
			if err := p.act(r.Context(), key, decision == "confirm", tell); err != nil {
				http.Error(w, "That did not work. Try again.", http.StatusServiceUnavailable)
				return
			}
			http.Redirect(w, r, p.options.Site+ChallengePath+key, http.StatusSeeOther)
			return
		default:
			w.Header().Set("Allow", "GET, HEAD, POST")
			http.Error(w, "The page is read, and a decision is posted.", http.StatusMethodNotAllowed)
			return
		}
		c, err := p.charge(r.Context(), p.pool, key)
		switch {
		case err != nil:
			http.Error(w, "That did not work. Try again.", http.StatusServiceUnavailable)
		case c.State == "":
			http.NotFound(w, r)
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
			_ = challengePage.Execute(w, map[string]any{ // whoever has gone reads no page
				"Amount": money.New(c.asked, c.currency).String(), "Asks": c.State == payment.ChargeChallenge, "Is": c.became(),
			})
		}
	})
}

// became says in words what a charge is of which nobody is asked any more. What the shop has called off was neither refused by
// the shopper nor, if it was confirmed before that, not confirmed.
func (c charge) became() string {
	switch confirmed, off := c.Authorized.Minor > 0, c.State == payment.ChargeClosed && c.Captured.Minor == 0; {
	case confirmed && off:
		return "was confirmed, and the shop has called it off since"
	case confirmed:
		return "is confirmed"
	case off:
		return "was called off by the shop"
	case c.State == payment.ChargeDeclined:
		return "is not confirmed"
	}
	return "is not decided yet"
}

// act is the shopper's decision, of which the shop is told then, also when it was told before.
func (p *Provider) act(ctx context.Context, key string, confirmed bool, tell func(context.Context, http.Header, []byte) error) error {
	asked := false
	err := pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		if err := lock(ctx, tx, key); err != nil {
			return err
		}
		now, err := p.charge(ctx, tx, key)
		if err != nil {
			return err
		}
		if asked = len(now.entries) > 0 && now.entries[0].Kind == entryChallenge; !asked || now.State != payment.ChargeChallenge {
			return nil
		}
		verdict := now.entries[0]
		verdict.Kind, verdict.Reason = entryAuthorize, ""
		if !confirmed {
			verdict.Kind, verdict.Reason, verdict.Saved = entryDecline, reasonDeclined, nil
			if err := drop(ctx, tx, key); err != nil {
				return err
			}
		}
		return enter(ctx, tx, verdict)
	})
	if err != nil || !asked {
		return err
	}
	header, body, err := p.news(ctx, key)
	if err != nil {
		return err
	}
	return tell(ctx, header, body)
}

// news is the callback that tells of a charge as it is now; told again it has the same id.
func (p *Provider) news(ctx context.Context, key string) (http.Header, []byte, error) {
	body, err := json.Marshal(notification{Type: "charge.changed", Charge: key})
	if err != nil {
		return nil, nil, fmt.Errorf("test provider: write callback: %w", err)
	}
	now, err := p.charge(ctx, p.pool, key)
	if err != nil {
		return nil, nil, fmt.Errorf("test provider: read the charge to tell of: %w", err)
	}
	news := fmt.Sprintf("charge.changed %s %d", key, len(now.entries))
	return p.sign(uuid.NewSHA1(uuid.NameSpaceOID, []byte(news)).String(), body), body, nil
}

var challengePage = template.Must(template.New("challenge").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Test bank</title>
<style>body { font: 1.1rem sans-serif; max-width: 24rem; margin: 4rem auto; padding: 0 1rem } button { font: inherit; padding: .5rem 1rem }</style>
<h1>Test bank</h1>
{{if .Asks}}<p>Do you confirm the payment of {{.Amount}}? No money is moved.</p>
<form method="post"><button name="decision" value="confirm">Confirm</button> <button name="decision" value="refuse">Refuse</button></form>
{{else}}<p>The payment of {{.Amount}} {{.Is}}. You can go back to the shop.</p>
{{end}}</html>
`))
