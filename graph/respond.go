package graph

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/wharfhq/wharf/internal/fault"
)

// maxKeptBuffer bounds what is kept between answers, so that one large answer does not stay in memory for ever.
const maxKeptBuffer = 256 << 10

// writeTimeout bounds how long a client may take to read one answer or one event.
const writeTimeout = 20 * time.Second

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// encodeResponse writes a response as JSON. gqlgen has written the data already; those bytes go out as they are.
// Where nothing was executed there is no data, not even null.
func encodeResponse(b *bytes.Buffer, response *graphql.Response) {
	separator := byte('{')
	key := func(name string) {
		b.WriteByte(separator)
		b.WriteString(`"` + name + `":`)
		separator = ','
	}
	if len(response.Errors) > 0 {
		key("errors")
		encodeJSON(b, response.Errors)
	}
	if response.Data != nil || len(response.Errors) == 0 {
		key("data")
		if response.Data == nil {
			b.WriteString("null")
		}
		b.Write(response.Data)
	}
	if len(response.Extensions) > 0 {
		key("extensions")
		encodeJSON(b, response.Extensions)
	}
	b.WriteByte('}')
}

func encodeJSON(b *bytes.Buffer, v any) {
	text, err := json.Marshal(v)
	if err != nil { // a fault's data that is no JSON: a mistake of ours, but no reason to answer garbage
		text = []byte("null")
	}
	b.Write(text)
}

// writeResponse answers an operation.
func writeResponse(w http.ResponseWriter, media string, status int, response *graphql.Response) {
	b, _ := buffers.Get().(*bytes.Buffer)
	b.Reset()
	defer func() {
		if b.Cap() <= maxKeptBuffer {
			buffers.Put(b)
		}
	}()
	encodeResponse(b, response)
	header := w.Header()
	header.Set("Content-Type", media+"; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(b.Len()))
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", "no-store")
	}
	if after := retryAfter(response.Errors); after != "" {
		header.Set("Retry-After", after)
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// writeMalformed answers what is no request of GraphQL over HTTP.
func writeMalformed(w http.ResponseWriter, media string, wrong *malformed) {
	if wrong.allow != "" {
		w.Header().Set("Allow", wrong.allow)
	}
	code := string(fault.Invalid)
	switch wrong.status {
	case http.StatusNotFound:
		code = string(fault.NotFound)
	case http.StatusForbidden:
		code = string(fault.Forbidden)
	case http.StatusInternalServerError:
		code = codeInternal
	}
	writeResponse(w, media, wrong.status, &graphql.Response{Errors: gqlerror.List{
		{Message: wrong.message, Extensions: map[string]any{"code": code}},
	}})
}

// statusOf is the HTTP status of a response. Whatever was executed is 200. Where nothing was, it depends on the media
// type, as GraphQL over HTTP says: application/json has no way to tell an answer from an intermediary's error page
// but 200, graphql-response+json tells the truth.
func statusOf(media string, response *graphql.Response) int {
	if response.Data != nil || len(response.Errors) == 0 {
		return http.StatusOK
	}
	extensions := response.Errors[0].Extensions
	if extensions["reason"] == reasonUsePost {
		return http.StatusMethodNotAllowed
	}
	code := fmt.Sprint(extensions["code"])
	if media == mediaJSON || code == codePersistedQueryNotFound { // clients of persisted queries expect 200 on any road
		return http.StatusOK
	}
	switch code {
	case string(fault.Unauthenticated):
		return http.StatusUnauthorized
	case string(fault.Forbidden):
		return http.StatusForbidden
	case string(fault.Throttled):
		return http.StatusTooManyRequests
	case string(fault.Busy):
		return http.StatusServiceUnavailable
	case codeInternal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// retryAfter is the longest wait that the errors ask for, in whole seconds.
func retryAfter(errs gqlerror.List) string {
	longest := 0.0
	for _, err := range errs {
		if wait, ok := err.Extensions["retryAfter"].(float64); ok {
			longest = max(longest, wait)
		}
	}
	if longest == 0 {
		return ""
	}
	return strconv.Itoa(int(longest + 0.999))
}
