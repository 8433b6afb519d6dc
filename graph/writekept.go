package graph

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// costHeader says what a GET was charged: its body is the same for everybody, and so has no extensions.cost.
const costHeader = "Wharf-Cost"

// varies names the headers on which the answer to one address depends.
var varies = []string{"Accept", "Authorization", storefrontHeader}

// writeKept writes an answer that everybody gets, byte for byte the same from memory and made anew. One to a GET may be
// kept by others too, if they ask each time whether it still stands: so a change of the shop is seen everywhere within
// the time in which Wharf itself sees it.
func writeKept(w http.ResponseWriter, r *http.Request, media string, answer keptAnswer, cost Cost, hit bool) {
	header := w.Header()
	header.Set("Cache-Status", cacheStatus(hit))
	response := &graphql.Response{Data: answer.data, Errors: answer.errors}
	if r.Method != http.MethodGet || len(answer.errors) > 0 {
		response.Extensions = map[string]any{costStats: cost}
		if answer.search != nil {
			response.Extensions[searchStats] = answer.search
		}
		writeResponse(w, media, statusOf(media, response), response)
		return
	}
	for _, name := range varies {
		header.Add("Vary", name)
	}
	header.Set("Cache-Control", "public, no-cache")
	header.Set(costHeader, fmt.Sprintf("requested=%d, actual=%d, limit=%d, remaining=%d, restore-rate=%d", cost.Requested, cost.Actual, cost.Limit, cost.Remaining, cost.RestoreRate))
	tag := answer.tag
	if media == mediaJSON {
		tag += "-j" // the other media type is another representation
	}
	if known := standing(r, tag); known != "" {
		header.Set("ETag", known)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("ETag", `"`+tag+`"`)
	writeResponse(w, media, http.StatusOK, response)
}

// cacheStatus is written as RFC 9211 says.
func cacheStatus(hit bool) string {
	if hit {
		return "wharf; hit"
	}
	return "wharf; fwd=miss"
}

// standing gives the tag by which the client knows the answer already, compressed or not; empty where it does not.
func standing(r *http.Request, tag string) string {
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("If-None-Match"), ","), ",") {
		known := strings.TrimSpace(part)
		if known == "*" {
			return `"` + tag + `"`
		}
		bare := strings.Trim(strings.TrimPrefix(known, "W/"), `"`)
		if bare == tag || bare == tag+"-gzip" || bare == tag+"-zstd" {
			return known
		}
	}
	return ""
}

func noteKept(ctx context.Context, answer keptAnswer) {
	recordOf(ctx).note(func(r *record) { r.kind, r.operation, r.cost = "query", answer.operation, answer.cost })
}
