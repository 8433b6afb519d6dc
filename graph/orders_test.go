package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/pg"
)

// placed puts an order of two lamps for 48.60 into the books, and gives its token.
func (a api) placed(t testing.TB) (orders.Order, string) {
	t.Helper()
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	order, deadline, email, title := id.NewOrderID(), time.Now().Add(time.Hour), "ada@example.com", "Brass"
	token := a.Keys.OrderToken(order)
	line := orders.PlacedLine{
		ID: id.NewOrderLineItemID(), VariantID: id.NewProductVariantID(), ProductID: id.NewProductID(), Title: "Lamp",
		VariantTitle: &title, Quantity: 2, UnitPrice: usd(2000), Discount: usd(0), Tax: usd(320),
	}
	second := line
	second.ID, second.Quantity, second.UnitPrice, second.Tax = id.NewOrderLineItemID(), 1, usd(0), usd(0)
	var o orders.Order
	err := pg.InTx(t.Context(), a.Pool, func(tx pgx.Tx) (err error) {
		o, err = a.Orders.Place(t.Context(), tx, access.Actor{}, orders.Placing{ID: order, Cause: "orderPlace", Placed: orders.Placed{
			CurrencyCode: "USD", TokenHash: access.HashToken(token), Lines: []orders.PlacedLine{line, second},
			Delivery:      orders.OrderDelivery{MethodType: orders.DeliveryShipping},
			ShippingPrice: usd(500), ShippingTax: usd(40), TotalPrice: usd(4860), Deadline: &deadline,
			Personal: &orders.Personal{Email: &email},
		}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return o, token
}

func (a api) happened(t testing.TB, order id.OrderID, data ...event.Data) {
	t.Helper()
	err := pg.InTx(t.Context(), a.Pool, func(tx pgx.Tx) error {
		o, err := a.Orders.Lock(t.Context(), tx, order)
		if err != nil {
			return err
		}
		return a.Orders.Record(t.Context(), tx, &o, "system", "test", data...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func paid(o orders.Order) []event.Data {
	return []event.Data{
		orders.PaymentAuthorized{AttemptID: id.NewPaymentAttemptID(), Attempt: 1, Provider: "test", Amount: o.TotalPrice},
		orders.Confirmed{},
	}
}

func (a api) key(t testing.TB, scopes ...string) string {
	t.Helper()
	_, secret, err := a.Partners.CreateKey(t.Context(), access.SystemActor, partners.KeyCreateInput{Name: "k", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

const readOrder = `query Read($id: ID!, $token: String, $version: Int, $asOf: DateTime) {
  order(id: $id, accessToken: $token, version: $version, asOf: $asOf) {
    name version status financialStatus fulfillmentStatus returnStatus edited email
    totalPrice { amount currencyCode } originalTotalPrice { amount } totalRefunded { amount } totalTax { amount }
    lineItems(first: 1) { nodes { title quantity originalTotalPrice { amount } discountedTotalPrice { amount } customAttributes { key } } pageInfo { hasNextPage } }
    availableActions { action available reason }
    delivery { methodType } statusUrl customerUrl
    events(first: 10) { nodes { version type actor message order { status } } pageInfo { hasNextPage endCursor } }
  }
}`

func TestOrderQuery(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	o, token := a.placed(t)
	a.happened(t, o.ID, paid(o)...)
	vars := map[string]any{"id": o.ID.String(), "token": token}
	var got struct{ Order map[string]any }
	a.want(t, "", readOrder, vars, &got)
	var want map[string]any
	if err := json.Unmarshal([]byte(`{
	  "name": "#1001", "version": 3, "status": "CONFIRMED", "financialStatus": "AUTHORIZED", "fulfillmentStatus": "UNFULFILLED",
	  "returnStatus": "NONE", "edited": false, "email": "ada@example.com",
	  "totalPrice": {"amount": "48.60", "currencyCode": "USD"}, "originalTotalPrice": {"amount": "48.60"},
	  "totalRefunded": {"amount": "0.00"}, "totalTax": {"amount": "3.60"},
	  "lineItems": {"nodes": [{"title": "Lamp", "quantity": 2, "originalTotalPrice": {"amount": "40.00"},
	    "discountedTotalPrice": {"amount": "40.00"}, "customAttributes": []}], "pageInfo": {"hasNextPage": true}},
	  "availableActions": [
	    {"action": "CANCEL", "available": true, "reason": null},
	    {"action": "UPDATE_PAYMENT", "available": false, "reason": "The order is confirmed and needs no new payment details."},
	    {"action": "COMPLETE_CHALLENGE", "available": false, "reason": "No challenge of the payment provider is open."},
	    {"action": "CONFIRM_FALLBACK", "available": false, "reason": "No payment method waits for the shopper's consent."},
	    {"action": "CAPTURE", "available": true, "reason": null},
    {"action": "VOID", "available": true, "reason": null},
    {"action": "REFUND", "available": false, "reason": "No money that was taken is left to give back."},
	    {"action": "MARK_PAID", "available": false, "reason": "Nothing is to be paid for this order any more."},
	    {"action": "REQUEST_PAYMENT", "available": false, "reason": "Nothing is outstanding for this order."}],
	  "delivery": {"methodType": "SHIPPING"}, "customerUrl": null,
	  "statusUrl": "`+statusURL(t, a, o.ID)+`",
	  "events": {"nodes": [
	    {"version": 1, "type": "order.placed", "actor": "shopper", "message": "We have received your order #1001 and are arranging the payment.", "order": {"status": "PENDING_PAYMENT"}},
	    {"version": 2, "type": "payment.authorized", "actor": "system", "message": "Your payment of 48.60 USD has been approved.", "order": {"status": "PENDING_PAYMENT"}},
	    {"version": 3, "type": "order.confirmed", "actor": "system", "message": "Your order #1001 is confirmed.", "order": {"status": "CONFIRMED"}}],
	    "pageInfo": {"hasNextPage": false, "endCursor": "3"}}
	}`), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Order, want) {
		t.Errorf("the order is\n%v\nwant\n%v", got.Order, want)
	}

	// The token serves as the bearer too, and the past is there by version and by moment.
	a.want(t, token, readOrder, map[string]any{"id": o.ID.String(), "version": 1}, &got)
	if got.Order["status"] != "PENDING_PAYMENT" || got.Order["version"] != 1.0 {
		t.Errorf("version 1 is %v", got.Order)
	}
	a.want(t, a.key(t, "orders:read"), readOrder, map[string]any{"id": o.ID.String(), "asOf": o.ProcessedAt.Format(time.RFC3339Nano)}, &got)
	if got.Order["version"] != 1.0 {
		t.Errorf("at the moment of placing it is %v", got.Order)
	}
}

func statusURL(t testing.TB, a api, order id.OrderID) string {
	t.Helper()
	shop, err := a.Settings.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return shop.URL + "/orders/" + strings.TrimPrefix(order.String(), "gid://wharf/Order/")
}

func TestForeignAndAbsentOrdersLookTheSame(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	o, _ := a.placed(t)
	_, other := a.placed(t)
	ask := func(token, order string, argument any) string {
		t.Helper()
		got := a.ask(t, token, readOrder, map[string]any{"id": order, "token": argument})
		got.Extensions = nil // what is left of the budget differs with each call
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	absent := ask("", id.NewOrderID().String(), nil)
	if !strings.Contains(absent, `"NOT_FOUND"`) || !strings.Contains(absent, `{"order":null}`) {
		t.Fatalf("an absent order is %s", absent)
	}
	for name, got := range map[string]string{
		"a foreign one":               ask("", o.ID.String(), nil),
		"with another order's token":  ask("", o.ID.String(), other),
		"with another order's bearer": ask(other, o.ID.String(), nil),
		"with a made-up token":        ask("", o.ID.String(), "wharfo_00"),
		"to a key without the scope":  ask(a.key(t, "catalog:read"), o.ID.String(), nil),
		"no id at all":                ask("", "1001", nil),
		"another kind of id":          ask("", id.NewProductID().String(), nil),
	} {
		if got != absent {
			t.Errorf("%s: %s, want %s", name, got, absent)
		}
	}
}

func TestOrdersList(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for range 3 {
		a.placed(t)
	}
	const list = `query List($first: Int, $after: String, $query: String) {
	  orders(first: $first, after: $after, query: $query) { nodes { name } edges { cursor node { name } } pageInfo { hasNextPage endCursor } }
	}`
	reader := a.key(t, "orders:read")
	var got struct {
		Orders struct {
			Nodes    []struct{ Name string }
			PageInfo struct {
				HasNextPage bool
				EndCursor   string
			}
		}
	}
	a.want(t, reader, list, map[string]any{"first": 2}, &got)
	if n := got.Orders.Nodes; len(n) != 2 || n[0].Name != "#1003" || n[1].Name != "#1002" || !got.Orders.PageInfo.HasNextPage {
		t.Fatalf("the first page is %+v", got)
	}
	a.want(t, reader, list, map[string]any{"first": 2, "after": got.Orders.PageInfo.EndCursor}, &got)
	if n := got.Orders.Nodes; len(n) != 1 || n[0].Name != "#1001" || got.Orders.PageInfo.HasNextPage {
		t.Errorf("the second page is %+v", got)
	}
	a.want(t, reader, list, map[string]any{"first": 2, "query": "#1002"}, &got)
	if n := got.Orders.Nodes; len(n) != 1 || n[0].Name != "#1002" {
		t.Errorf("the search gives %+v", got)
	}
	for query, want := range map[string]int{
		"email:* status:* processed_at:*": 3, "-name:*": 0, "-updated_at:*": 0, "financial_status:* #1001": 1,
	} {
		a.want(t, reader, list, map[string]any{"first": 9, "query": query}, &got)
		if n := got.Orders.Nodes; len(n) != want {
			t.Errorf("%s finds %+v", query, n)
		}
	}
	for field, enum := range map[string]string{"status": "OrderStatus", "financial_status": "OrderFinancialStatus", "fulfillment_status": "OrderFulfillmentStatus"} {
		for _, value := range graph.Schema().Types[enum].EnumValues { // a search knows all of them
			a.want(t, reader, list, map[string]any{"first": 9, "query": field + ":" + value.Name}, &got)
		}
		if answer := a.ask(t, reader, list, map[string]any{"first": 1, "query": field + ":bogus"}); answer.codes() != "BAD_USER_INPUT" || !strings.Contains(answer.Errors[0].Message, "It is one of ") {
			t.Errorf("a %s that there is not: %s %+v", field, answer.Data, answer.Errors)
		}
	}
	if answer := a.ask(t, reader, list, map[string]any{"first": 1, "query": "color:*"}); answer.codes() != "BAD_USER_INPUT" || !strings.Contains(answer.Errors[0].Message, "created_at") {
		t.Errorf("a field that there is not: %+v", answer.Errors)
	}
	for token, want := range map[string]string{"": "UNAUTHENTICATED", a.key(t, "catalog:read"): "FORBIDDEN"} {
		if answer := a.ask(t, token, list, map[string]any{"first": 2}); answer.codes() != want {
			t.Errorf("without the scope: %s %s", answer.codes(), answer.Data)
		}
	}
	for _, vars := range []map[string]any{{}, {"first": 251}, {"first": -1}, {"first": 1, "query": "color:red"}, {"first": 1, "after": "x"}} {
		if answer := a.ask(t, reader, list, vars); answer.codes() != "BAD_USER_INPUT" {
			t.Errorf("%v: %s", vars, answer.codes())
		}
	}
}

func TestOrderNoteAdd(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	o, token := a.placed(t)
	const add = `mutation Add($input: OrderNoteAddInput!) {
	  orderNoteAdd(input: $input) { order { version notes { body by } } userErrors { code field message currentVersion } }
	}`
	input := map[string]any{"idempotencyKey": "k", "orderId": o.ID.String(), "note": "Call first."}
	vars := map[string]any{"input": input}
	for bearer, want := range map[string]string{"": "UNAUTHENTICATED", token: "UNAUTHENTICATED", a.key(t, "orders:read"): "FORBIDDEN"} {
		if answer := a.ask(t, bearer, add, vars); answer.codes() != want {
			t.Errorf("without the scope: %s %s", answer.codes(), answer.Data)
		}
	}
	var got struct {
		OrderNoteAdd struct {
			Order *struct {
				Version int
				Notes   []struct{ Body, By string }
			}
			UserErrors []struct {
				Code           string
				Field          []string
				CurrentVersion *int
			}
		}
	}
	writer := a.key(t, "orders:write")
	for range 2 {
		a.want(t, writer, add, vars, &got)
		p := got.OrderNoteAdd
		if p.Order == nil || p.Order.Version != 2 || len(p.Order.Notes) != 1 || p.Order.Notes[0].Body != "Call first." || len(p.UserErrors) != 0 {
			t.Fatalf("noted %+v", p)
		}
	}
	input["idempotencyKey"], input["expectedVersion"] = "k2", 1
	a.want(t, writer, add, vars, &got)
	if e := got.OrderNoteAdd.UserErrors; got.OrderNoteAdd.Order != nil || len(e) != 1 || e[0].Code != "VERSION_CONFLICT" || *e[0].CurrentVersion != 2 {
		t.Errorf("an old version: %+v", got.OrderNoteAdd)
	}
	// The staff's notes are none of the shopper's business.
	if answer := a.ask(t, token, `query($id: ID!) { order(id: $id) { notes { body } } }`, map[string]any{"id": o.ID.String()}); answer.codes() != "UNAUTHENTICATED" {
		t.Errorf("the shopper reads the notes: %s %s", answer.codes(), answer.Data)
	}
}

// running serves the API on a real port with everything that makes it live, and ends it with the test.
func (a api) running(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(a.server)
	ctx, stop := context.WithCancel(context.Background())
	var background sync.WaitGroup
	background.Go(func() { a.Sequencer.Run(ctx) })
	background.Go(func() { a.Orders.Serve(ctx) })
	background.Go(func() { a.Audit.Serve(ctx) })
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		stop()
		background.Wait()
	})
	return server.URL
}

const follow = `subscription Follow($id: ID!, $token: String, $after: Int) {
  orderEvents(orderId: $id, accessToken: $token, after: $after) { version type order { version status } }
}`

// step is one event as a client sees it.
type step struct {
	Version int
	Type    string
	Order   struct {
		Version int
		Status  string
	}
}

func (s step) String() string {
	return fmt.Sprintf("%d %s %d %s", s.Version, s.Type, s.Order.Version, s.Order.Status)
}

// frame is one message of graphql-transport-ws.
type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// socket is one client's connection.
type socket struct {
	t    *testing.T
	conn *websocket.Conn
}

func dial(t *testing.T, url string) socket {
	t.Helper()
	return dialAs(t, url, "")
}

// dialAs opens a socket with a token; an empty one is nobody's.
func dialAs(t *testing.T, url, token string) socket {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}
	conn, answer, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(url, "http")+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	s := socket{t, conn}
	hello := frame{Type: "connection_init"}
	if token != "" {
		hello.Payload = json.RawMessage(`{"authorization":"Bearer ` + token + `"}`)
	}
	s.send(hello)
	if ack := s.read(); ack.Type != "connection_ack" {
		t.Fatalf("the server said %s", ack.Type)
	}
	return s
}

func (s socket) send(f frame) {
	s.t.Helper()
	if err := s.conn.WriteJSON(f); err != nil {
		s.t.Fatal(err)
	}
}

func (s socket) read() frame {
	s.t.Helper()
	for {
		var f frame
		_ = s.conn.SetReadDeadline(time.Now().Add(15 * time.Second))
		if err := s.conn.ReadJSON(&f); err != nil {
			s.t.Fatal(err)
		}
		if f.Type != "ping" {
			return f
		}
		s.send(frame{Type: "pong"})
	}
}

func (s socket) subscribe(name string, variables map[string]any) {
	s.t.Helper()
	payload, err := json.Marshal(map[string]any{"query": follow, "variables": variables})
	if err != nil {
		s.t.Fatal(err)
	}
	s.send(frame{ID: name, Type: "subscribe", Payload: payload})
}

func (s socket) want(name string, steps ...string) {
	s.t.Helper()
	for _, want := range steps {
		f := s.read()
		var got struct{ Data struct{ OrderEvents step } }
		if err := json.Unmarshal(f.Payload, &got); err != nil || f.Type != "next" || f.ID != name {
			s.t.Fatalf("got %s %s %s, want %s", f.ID, f.Type, f.Payload, want)
		}
		if have := got.Data.OrderEvents.String(); have != want {
			s.t.Fatalf("got %s, want %s", have, want)
		}
	}
}

func TestOrderEventsOverWebsocket(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	url := a.running(t)
	o, token := a.placed(t)
	vars := func(after any) map[string]any {
		return map[string]any{"id": o.ID.String(), "token": token, "after": after}
	}

	phone := dial(t, url)
	phone.subscribe("1", vars(nil))
	phone.want("1", "1 SNAPSHOT 1 PENDING_PAYMENT")
	a.happened(t, o.ID, paid(o)...)
	phone.want("1", "2 payment.authorized 2 PENDING_PAYMENT", "3 order.confirmed 3 CONFIRMED")
	_ = phone.conn.Close() // a tunnel
	a.happened(t, o.ID, orders.Cancelled{Reason: orders.CancelCustomer})

	back := dial(t, url)
	back.subscribe("a", vars(2))
	back.want("a", "3 order.confirmed 3 CONFIRMED", "4 order.cancelled 4 CANCELLED")
	back.subscribe("b", vars(4))
	a.happened(t, o.ID, orders.PaymentVoided{AttemptID: id.NewPaymentAttemptID(), Provider: "test", Amount: o.TotalPrice})
	seen := map[string]bool{}
	for range 2 { // the two subscriptions of one socket, in either order
		f := back.read()
		if f.Type != "next" || !strings.Contains(string(f.Payload), `"version":5`) {
			t.Fatalf("got %s %s", f.Type, f.Payload)
		}
		seen[f.ID] = true
	}
	if !seen["a"] || !seen["b"] {
		t.Errorf("only %v got the event", seen)
	}

	for name, refused := range map[string]struct {
		vars map[string]any
		code string
	}{
		"absent":          {map[string]any{"id": id.NewOrderID().String(), "token": token}, "NOT_FOUND"},
		"foreign":         {map[string]any{"id": o.ID.String()}, "NOT_FOUND"},
		"no id":           {map[string]any{"id": "x"}, "NOT_FOUND"},
		"negative":        {vars(-1), "BAD_USER_INPUT"},
		"from the future": {vars(6), "BAD_USER_INPUT"},
	} {
		s := dial(t, url)
		s.subscribe("1", refused.vars)
		f := s.read()
		if f.Type != "error" || !strings.Contains(string(f.Payload), refused.code) {
			t.Errorf("%s: %s %s", name, f.Type, f.Payload)
		}
	}
}

func TestOrderEventsOverSSE(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	url := a.running(t)
	o, token := a.placed(t)
	a.happened(t, o.ID, paid(o)...)
	body, err := json.Marshal(map[string]any{"query": follow, "variables": map[string]any{"id": o.ID.String(), "after": 0}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithTimeout(t.Context(), 15*time.Second)
	defer leave()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	next := func() string {
		t.Helper()
		for lines.Scan() {
			text, ok := strings.CutPrefix(lines.Text(), "data:")
			if !ok || strings.TrimSpace(text) == "" {
				continue
			}
			var got struct{ Data struct{ OrderEvents step } }
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			return got.Data.OrderEvents.String()
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return ""
	}
	for _, want := range []string{"1 order.placed 1 PENDING_PAYMENT", "2 payment.authorized 2 PENDING_PAYMENT", "3 order.confirmed 3 CONFIRMED"} {
		if got := next(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	a.happened(t, o.ID, orders.Cancelled{Reason: orders.CancelCustomer})
	if got, want := next(), "4 order.cancelled 4 CANCELLED"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
