package graph

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// The media types in which the API answers.
const (
	mediaResponse = "application/graphql-response+json"
	mediaJSON     = "application/json"
	mediaStream   = "text/event-stream"
)

// mediaDocument is a request whose body is the document itself, without variables.
const mediaDocument = "application/graphql"

// accepted is what a client takes as an answer.
type accepted struct {
	media  string // the most wanted of ours, the first named among equals; empty when none of ours is wanted
	stream bool   // a stream of events is welcome, if not most wanted
}

// accepts reads the Accept header. Where anything will do, the answer is application/json, as old clients expect.
func accepts(r *http.Request) accepted {
	header := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(header) == "" {
		return accepted{media: mediaJSON}
	}
	var a accepted
	best := 0.0
	for part := range strings.SplitSeq(header, ",") {
		name, weight := wanted(part)
		if weight <= 0 {
			continue
		}
		switch name {
		case mediaResponse, mediaJSON:
		case mediaStream:
			a.stream = true
		case "*/*", "application/*":
			name = mediaJSON
		default:
			continue
		}
		if weight > best {
			a.media, best = name, weight
		}
	}
	return a
}

// wanted reads one element of an Accept header; a weight of 0 is unwanted.
func wanted(part string) (name string, weight float64) {
	name, parameters, err := mime.ParseMediaType(strings.TrimSpace(part))
	if err != nil {
		return "", 0
	}
	if charset := parameters["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return "", 0
	}
	q, given := parameters["q"]
	if !given {
		return name, 1
	}
	weight, err = strconv.ParseFloat(q, 64)
	if err != nil || weight > 1 {
		return "", 0
	}
	return name, weight
}
