package testprovider

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/remote"
)

// notification is the body of a callback.
type notification struct {
	Type   string `json:"type"`
	Charge string `json:"charge"`
}

// SettlesAfter is how long a charge with the token pending stays undecided.
func (p *Provider) SettlesAfter() time.Duration { return p.options.Settle }

// Settle decides a charge that is pending, or the dispute about one, and gives the callback that tells about it. Asked again, it gives the same
// news under the same id. A charge that was voided in the meantime stays closed, and that is news too.
func (p *Provider) Settle(ctx context.Context, key string) (http.Header, []byte, error) {
	err := pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		if err := lock(ctx, tx, key); err != nil {
			return err
		}
		now, err := p.charge(ctx, tx, key)
		if err != nil {
			return err
		}
		return settle(ctx, tx, now)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("test provider: settle: %w", err)
	}
	return p.news(ctx, key)
}

// sign follows Standard Webhooks: the signature covers id, time and body.
func (p *Provider) sign(id string, body []byte) http.Header {
	header := http.Header{"Content-Type": {"application/json"}}
	remote.Sign(header, id, p.options.Clock.Now(), body, p.secrets())
	return header
}

// secrets is the one secret, or none.
func (p *Provider) secrets() []remote.Secret {
	if len(p.options.Secret) == 0 {
		return nil
	}
	return []remote.Secret{remote.NewSecret(p.options.Secret)}
}

// Notification checks the signature and the age of a callback, and tells of the charge it is about. Without a
// secret nothing is believed.
func (p *Provider) Notification(header http.Header, body []byte) ([]payment.Notice, error) {
	id, err := remote.Verify(header, body, p.options.Clock.Now(), p.secrets())
	if err != nil {
		return nil, payment.ErrForged
	}
	var n notification
	switch err := json.Unmarshal(body, &n); {
	case err != nil:
		return nil, payment.Unusable(id, "it is no notification in JSON")
	case n.Charge == "":
		return nil, payment.Unusable(id, "it names no charge")
	}
	return []payment.Notice{{ID: id, Charge: n.Charge}}, nil
}
