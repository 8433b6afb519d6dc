package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestAnAnswerToAGetCanBeKeptAndAskedFor(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	k := openKeeper(t, m)
	const query = `{ product(handle: "lamp-aa") { title priceRange { minVariantPrice { amount } } descriptionHtml } }`
	first, again := k.get(query), k.get(query)
	tag := again.header.Get("ETag")
	if first.hit() || !again.hit() || first.body != again.body || !strings.HasPrefix(first.body, `{"data":{"product":`) || strings.Contains(first.body, "extensions") {
		t.Fatalf("%s\nthen\n%s", first.body, again.body)
	}
	if first.header.Get("ETag") != tag || !strings.HasPrefix(tag, `"`) || again.header.Get("Cache-Control") != "public, no-cache" {
		t.Errorf("the headers: %v", again.header)
	}
	if vary := strings.Join(again.header.Values("Vary"), ", "); !strings.Contains(vary, "Authorization") || !strings.Contains(vary, "X-Shopify-Storefront-Access-Token") {
		t.Errorf("Vary: %s", vary)
	}
	if cost := again.header.Get("Wharf-Cost"); !strings.HasPrefix(cost, "requested=1, actual=1, limit=20000, remaining=") {
		t.Errorf("Wharf-Cost: %s", cost)
	}
	if still := k.get(query, "If-None-Match", `"other", `+tag); still.status != http.StatusNotModified || still.body != "" || still.header.Get("ETag") != tag {
		t.Errorf("asked whether it still stands: %d %v %s", still.status, still.header, still.body)
	}
	if other := k.get(query, "Accept", "application/graphql-response+json"); other.header.Get("ETag") == tag || other.body != first.body {
		t.Error("two media types have one tag")
	}
	m.price(t, "lamp-aa", "S-aa", 3)
	until(t, time.Second, "the new price is given", func() bool {
		return k.get(query, "If-None-Match", tag).status == http.StatusOK
	})
	if post := k.post(query, nil); post.header.Get("ETag") != "" || post.header.Get("Cache-Control") != "no-store" || !strings.Contains(post.body, `"cost":{"requested":1,`) {
		t.Errorf("a POST: %v %s", post.header, post.body)
	}
	if refused := k.get(`{ product(handle: 1) { title } }`); refused.header.Get("ETag") != "" || refused.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a refusal: %v", refused.header)
	}
}

// TestACompressedAnswerHasATagOfItsOwn since its bytes are others.
func TestACompressedAnswerHasATagOfItsOwn(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, openMarket(t))
	const query = `{ products(first: 24) { nodes { id title descriptionHtml } } }`
	bare, small := k.get(query), k.get(query, "Accept-Encoding", "gzip")
	tag := small.header.Get("ETag")
	if small.header.Get("Content-Encoding") != "gzip" || tag == bare.header.Get("ETag") || tag == "" {
		t.Fatalf("%v", small.header)
	}
	if still := k.get(query, "Accept-Encoding", "gzip", "If-None-Match", tag); still.status != http.StatusNotModified || still.header.Get("ETag") != tag {
		t.Errorf("%d %v", still.status, still.header)
	}
}

// TestAPersistedQueryIsKeptLikeItsDocument: a hash names the same question as what it is the hash of.
func TestAPersistedQueryIsKeptLikeItsDocument(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, openMarket(t))
	const query = `{ collection(handle: "lights") { title } }`
	sum := sha256.Sum256([]byte(query))
	extension, err := json.Marshal(map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hex.EncodeToString(sum[:])}})
	if err != nil {
		t.Fatal(err)
	}
	to := k.api.URL + "/graphql?extensions=" + url.QueryEscape(string(extension))
	if unknown := k.send(http.MethodGet, to, nil); !strings.Contains(unknown.body, "PersistedQueryNotFound") || unknown.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%v %s", unknown.header, unknown.body)
	}
	first := k.send(http.MethodGet, to+"&query="+url.QueryEscape(query), nil)
	again := k.send(http.MethodGet, to, nil)
	if first.hit() || !again.hit() || again.body != first.body || again.body != `{"data":{"collection":{"title":"Lights"}}}` {
		t.Errorf("%s\nthen, %v:\n%s", first.body, again.header, again.body)
	}
	if whole := k.get(query); !whole.hit() || whole.body != first.body {
		t.Errorf("the document itself: %v", whole.header)
	}
}
