package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// client speaks to the server as any shop's page does, over kept connections. Answers come uncompressed, so that the
// floor's plain handler sends the same bytes.
type client struct {
	http *http.Client
	url  string
}

func newClient(url string) *client {
	return &client{url: url, http: &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			MaxIdleConns: maxClients, MaxIdleConnsPerHost: maxClients, DisableCompression: true, Proxy: nil,
		},
	}}
}

// send posts a body and gives the answer's bytes.
func (c *client) send(ctx context.Context, url string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/graphql-response+json")
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %.300s", response.Status, answer)
	}
	return answer, nil
}

// ask sends one operation and reads its data. An answer with errors is an error.
func (c *client) ask(ctx context.Context, query string, variables, data any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	answer, err := c.send(ctx, c.url, body)
	if err != nil {
		return err
	}
	return read(answer, data)
}

func read(answer []byte, data any) error {
	var envelope struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(answer, &envelope); err != nil {
		return fmt.Errorf("%w: %.300s", err, answer)
	}
	if len(envelope.Errors) > 0 {
		return errors.New(envelope.Errors[0].Message)
	}
	return json.Unmarshal(envelope.Data, data)
}

// refusals are the userErrors of a mutation. Here every one of them is a failure.
type refusals []struct{ Code, Message string }

func (r refusals) err() error {
	if len(r) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s", r[0].Code, r[0].Message)
}
