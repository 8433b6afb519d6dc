package testprovider

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// tolerance is how old or how early a callback may be, so that one that was recorded cannot be sent again for ever.
const tolerance = 5 * time.Minute

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

// sign follows Standard Webhooks: the signature covers id, time and body.
func (p *Provider) sign(id string, body []byte) http.Header {
	at := strconv.FormatInt(p.options.Clock.Now().Unix(), 10)
	header := http.Header{}
	header.Set("Webhook-Id", id)
	header.Set("Webhook-Timestamp", at)
	header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(p.mac(id, at, body)))
	header.Set("Content-Type", "application/json")
	return header
}

func (p *Provider) mac(id, at string, body []byte) []byte {
	mac := hmac.New(sha256.New, p.options.Secret)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// Notification checks the signature and the age of a callback, and tells of the charge it is about. Without a
// secret nothing is believed.
func (p *Provider) Notification(header http.Header, body []byte) ([]payment.Notice, error) {
	id, at := header.Get("Webhook-Id"), header.Get("Webhook-Timestamp")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || id == "" || len(p.options.Secret) == 0 {
		return nil, payment.ErrForged
	}
	if age := p.options.Clock.Now().Sub(time.Unix(seconds, 0)); age > tolerance || age < -tolerance {
		return nil, payment.ErrForged
	}
	if !p.signed(header.Get("Webhook-Signature"), p.mac(id, at, body)) {
		return nil, payment.ErrForged
	}
	var n notification
	if err := json.Unmarshal(body, &n); err != nil {
		return nil, fmt.Errorf("test provider: read callback: %w", err)
	}
	return []payment.Notice{{ID: id, Charge: n.Charge}}, nil
}

// signed looks for a right signature among those in the header: while a secret is changed there are two.
func (*Provider) signed(header string, mac []byte) bool {
	for text := range strings.FieldsSeq(header) {
		text, ok := strings.CutPrefix(text, "v1,")
		if !ok {
			continue
		}
		if signature, err := base64.StdEncoding.DecodeString(text); err == nil && hmac.Equal(signature, mac) {
			return true
		}
	}
	return false
}
