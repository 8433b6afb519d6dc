package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
)

// malformed is a request that isn't one of GraphQL over HTTP: it is answered before there is an operation.
type malformed struct {
	status  int
	message string
	allow   string // for 405
}

func badRequest(message string) *malformed {
	return &malformed{status: http.StatusBadRequest, message: message}
}

// readOperation reads what a client asks for, from the body of a POST or the query string of a GET.
func readOperation(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *malformed) {
	start := graphql.Now()
	var params *graphql.RawParams
	var wrong *malformed
	switch r.Method {
	case http.MethodPost:
		params, wrong = readBody(w, r)
	case http.MethodGet:
		params, wrong = readParameters(r)
	default:
		wrong = &malformed{http.StatusMethodNotAllowed, "Use POST, or GET for queries.", "GET, POST, OPTIONS"}
	}
	if wrong != nil {
		return nil, wrong
	}
	if params.Query == "" && params.Extensions["persistedQuery"] == nil {
		return nil, badRequest("The parameter query is missing.")
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	return params, nil
}

func readBody(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *malformed) {
	media, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := parameters["charset"]
	if err != nil || media != mediaJSON && media != mediaDocument || (charset != "" && !strings.EqualFold(charset, "utf-8")) {
		return nil, &malformed{status: http.StatusUnsupportedMediaType, message: "Send the request as application/json or application/graphql in UTF-8."}
	}
	if r.Header.Get("Content-Encoding") != "" {
		return nil, &malformed{status: http.StatusUnsupportedMediaType, message: "Send the request without Content-Encoding."}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, &malformed{status: http.StatusRequestEntityTooLarge, message: "A request has at most 256 kB."}
	}
	if err != nil {
		return nil, badRequest("The body could not be read.")
	}
	if media == mediaDocument {
		if !utf8.Valid(body) {
			return nil, badRequest("The body is not a document in UTF-8.")
		}
		params, wrong := readParameters(r)
		if wrong == nil {
			params.Query = string(body)
		}
		return params, wrong
	}
	return decodeOperation(body)
}

// decodeOperation reads the JSON object of a request. Keys are taken as written: encoding/json alone would take
// QUERY for query.
func decodeOperation(body []byte) (*graphql.RawParams, *malformed) {
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) == 0 {
		return nil, badRequest("The body is empty; it must be a JSON object with the key query.")
	}
	if body[0] == '[' {
		return nil, badRequest("Operations are sent one at a time, not as an array.")
	}
	var object map[string]json.RawMessage
	if !utf8.Valid(body) || json.Unmarshal(body, &object) != nil || object == nil {
		return nil, badRequest("The body is not a JSON object.")
	}
	params := &graphql.RawParams{}
	for key, target := range map[string]any{
		"query": &params.Query, "operationName": &params.OperationName,
		"variables": &params.Variables, "extensions": &params.Extensions,
	} {
		value, given := object[key]
		if !given {
			continue
		}
		if decodeNumbers(value, target) != nil {
			return nil, badRequest("The parameter " + key + " has the wrong type.")
		}
	}
	return params, nil
}

// decodeNumbers decodes JSON and leaves its numbers as they were written.
func decodeNumbers(text []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(target)
}

// readParameters reads the query string of a GET, or of a POST whose body is the document and has no place for the rest.
func readParameters(r *http.Request) (*graphql.RawParams, *malformed) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || !utf8.ValidString(query.Get("query")) || !utf8.ValidString(query.Get("operationName")) {
		return nil, badRequest("The query string is malformed.")
	}
	params := &graphql.RawParams{Query: query.Get("query"), OperationName: query.Get("operationName")}
	for key, target := range map[string]*map[string]any{"variables": &params.Variables, "extensions": &params.Extensions} {
		text := query.Get(key)
		if text == "" {
			continue
		}
		if !json.Valid([]byte(text)) || decodeNumbers([]byte(text), target) != nil {
			return nil, badRequest("The parameter " + key + " is not a JSON object.")
		}
	}
	return params, nil
}
