package harness

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

// Refused is an answer that says no to the whole operation.
type Refused struct{ Code, Message string }

// Error is the message with its code.
func (r *Refused) Error() string { return r.Code + ": " + r.Message }

// Busy says that an error is an answer which promises that nothing has happened or can't be known, and that the same
// may be sent again under its key.
func Busy(err error) bool {
	var r *Refused
	return errors.As(err, &r) && r.Code == "BUSY"
}

// client keeps a connection per shopper, as so many people's clients would, and no longer than a restart takes.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 512, IdleConnTimeout: 10 * time.Second}}

// Ask sends one operation, with a token or key if given, and reads its data. An error that is no *Refused says nothing
// about the outcome.
func (p *Process) Ask(ctx context.Context, token, query string, variables map[string]any, into any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+p.Addr+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	var answer struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("%d: %.200s", response.StatusCode, text)
	}
	if len(answer.Errors) > 0 {
		return &Refused{answer.Errors[0].Extensions.Code, answer.Errors[0].Message}
	}
	return json.Unmarshal(answer.Data, into)
}

// UserError is one thing that was wrong with an input.
type UserError struct{ Code, Message string }

// Order is what a mutation answers about an order.
type Order struct {
	ID     string
	Status string
}

// Answer is what a mutation about an order answers.
type Answer struct {
	Order       *Order
	AccessToken string
	UserErrors  []UserError
}

// Code is that of the first user error, empty where there is none.
func (a Answer) Code() string {
	if len(a.UserErrors) == 0 {
		return ""
	}
	return a.UserErrors[0].Code
}

// Mutate sends a mutation that takes one input and answers about an order.
func (p *Process) Mutate(ctx context.Context, token, mutation, inputType string, input map[string]any) (Answer, error) {
	fields := "order { id status } userErrors { code message }"
	if mutation == "orderPlace" {
		fields += " accessToken"
	}
	query := fmt.Sprintf("mutation ($input: %s!) { answer: %s(input: $input) { %s } }", inputType, mutation, fields)
	var out struct{ Answer Answer }
	err := p.Ask(ctx, token, query, map[string]any{"input": input}, &out)
	return out.Answer, err
}

// Console asks the job console of a process, as the pages of the console do.
func (p *Process) Console(ctx context.Context, token, method, path string, body, into any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+p.Addr+"/ops/jobs/api/"+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if text, err = io.ReadAll(response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %d: %.200s", method, path, response.StatusCode, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}
