package remote

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/wharfhq/wharf/internal/payment"
	signed "github.com/wharfhq/wharf/internal/remote"
)

// notification is the body of a callback.
type notification struct {
	Version int    `json:"version"`
	Type    string `json:"type"`
	Account string `json:"account"`
	Live    bool   `json:"live"`
	Charge  string `json:"charge"`
}

// Notification checks a callback, and says which charge has changed. What it may say beside that is not believed: the
// shop looks the charge up.
func (p *Provider) Notification(header http.Header, body []byte) ([]payment.Notice, error) {
	id, err := signed.Verify(header, body, p.options.Clock.Now(), p.options.Secrets)
	if err != nil {
		return nil, payment.ErrForged
	}
	var n notification
	if err := json.Unmarshal(body, &n); err != nil {
		return nil, payment.Unusable(id, "it is no notification in JSON as the protocol has it")
	}
	switch {
	case n.Version != version:
		return nil, payment.Unusable(id, fmt.Sprintf("it is of version %d of the protocol, and this shop speaks %d", n.Version, version))
	case n.Type != "charge.changed": // of a later edition of the protocol
		return nil, nil
	case n.Charge == "":
		return nil, payment.Unusable(id, "it names no charge")
	}
	notice := payment.Notice{ID: id, Charge: n.Charge}
	switch {
	case n.Account != p.options.Account:
		notice.Foreign = "it is of another account"
	case n.Live != p.options.Live && p.options.Live:
		notice.Foreign = "it is a test, and this shop is live"
	case n.Live != p.options.Live:
		notice.Foreign = "it is live, and this shop is a test"
	}
	return []payment.Notice{notice}, nil
}
