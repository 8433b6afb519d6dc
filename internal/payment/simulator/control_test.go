package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/payment/simulator"
)

func TestAPendingChargeSettlesByItselfAlsoAfterARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "books")
	first := newWorld(t, simulator.Options{Ledger: path, BooksOptions: simulator.BooksOptions{}, Settle: time.Hour})
	a := ask("pending")
	if c := done(t)(first.Authorize(a)); c.State != simulator.Pending {
		t.Fatalf("it is %+v", c)
	}
	first.hear(1)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := newWorld(t, simulator.Options{Ledger: path, Settle: time.Millisecond})
	if n := second.hear(1)[0]; n.Charge != a.Key || n.Amount != 4860 {
		t.Errorf("told is %+v", n)
	}
	if booked := second.booked(a.Key); booked != 4860 {
		t.Errorf("booked is %d", booked)
	}
}

func TestTheChallengePage(t *testing.T) {
	t.Parallel()
	for decision, want := range map[string]simulator.State{"confirm": simulator.Authorized, "refuse": simulator.Declined} {
		w := newWorld(t, simulator.Options{})
		a := ask("challenge")
		done(t)(w.Authorize(a))
		page := strings.TrimPrefix(w.ChallengeURL(a.Key), w.url)
		if status, body := w.control(http.MethodGet, page, ""); status != 200 || !strings.Contains(body, "48.60 USD") || !strings.Contains(body, "<button") {
			t.Errorf("the page is %d %s", status, body)
		}
		for range 2 { // a shopper may press twice
			if status, body := w.control(http.MethodPost, page, url.Values{"decision": {decision}}.Encode()); status != 200 || strings.Contains(body, "<button") {
				t.Errorf("pressed, it is %d %s", status, body)
			}
		}
		if c, err := w.Books.Charge(a.Key); err != nil || c.State != want {
			t.Errorf("%s: it is %+v, %v", decision, c, err)
		}
		if came := w.hear(2); len(came) != 2 || came[1].Charge != a.Key {
			t.Errorf("told is %+v", came)
		}
		if status, _ := w.control(http.MethodGet, "/challenge/nobody", ""); status != 404 {
			t.Errorf("a page of nobody is %d", status)
		}
	}
}

func TestTheControlDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	for _, bad := range []string{`[{"fault": "fire"}]`, `[{"fault": "error", "share": 2}]`, `[{"fault": "error", "times": -1}]`, `{}`, `[`} {
		if status, _ := w.control(http.MethodPut, "/control/rules", bad); status != 400 {
			t.Errorf("%s: %d", bad, status)
		}
	}
	if status, _ := w.control(http.MethodPut, "/control/callbacks", `{"face": "nobody", "url": "http://127.0.0.1/"}`); status != 400 {
		t.Errorf("callbacks of nobody: %d", status)
	}
	a := ask("approve")
	done(t)(w.Authorize(a))
	for _, step := range []struct {
		path string
		want [5]int64
	}{
		{"capture?amount=3000", [5]int64{4860, 3000, 0, 0, 0}},
		{"refund?amount=500", [5]int64{4860, 3000, 500, 0, 0}},
		{"dispute?amount=100", [5]int64{4860, 3000, 500, 0, 100}},
		{"expire", [5]int64{4860, 3000, 500, 1860, 100}},
		{"settle", [5]int64{4860, 3000, 500, 1860, 100}},
	} {
		status, body := w.control(http.MethodPost, "/control/charges/"+a.Key+"/"+step.path, "")
		var answer simulator.Answer
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 200 || totals(answer.Charge) != step.want {
			t.Errorf("%s: %d %s", step.path, status, body)
		}
	}
	if came := w.hear(5); len(came) != 5 {
		t.Errorf("told is %+v", came)
	}
	for path, want := range map[string]int{
		"/control/charges/" + a.Key + "/burn": 404, "/control/charges/nobody/settle": 404, "/control/charges/" + a.Key + "/capture?amount=x": 400,
	} {
		if status, body := w.control(http.MethodPost, path, ""); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	status, body := w.control(http.MethodGet, "/control/charges", "")
	var all []simulator.Charge
	if err := json.Unmarshal([]byte(body), &all); err != nil || status != 200 || len(all) != 1 || all[0].Asked.Reference != a.Reference {
		t.Errorf("the books are %d %s", status, body)
	}
	if status, body := w.control(http.MethodGet, fmt.Sprintf("/control/charges?after=%d", all[0].Change), ""); status != 200 || strings.TrimSpace(body) != "[]" {
		t.Errorf("the page after is %d %s", status, body)
	}
}
