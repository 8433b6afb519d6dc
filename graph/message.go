package graph

import (
	"encoding/json"
	"reflect"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// message is one frame of the protocol, in both directions.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// readMessage checks that a frame of the client is a message of the protocol.
func readMessage(kind int, frame []byte) (message, bool) {
	var object map[string]json.RawMessage
	if kind != websocket.TextMessage || !utf8.Valid(frame) || json.Unmarshal(frame, &object) != nil || object == nil {
		return message{}, false
	}
	var m message
	if json.Unmarshal(object["type"], &m.Type) != nil {
		return message{}, false
	}
	m.Payload = object["payload"]
	switch m.Type {
	case "ping", "pong", "connection_init":
		if !isObject(m.Payload) && m.Payload != nil && string(m.Payload) != "null" {
			return message{}, false
		}
		if string(m.Payload) == "null" {
			m.Payload = nil
		}
	case "subscribe", "complete":
		if json.Unmarshal(object["id"], &m.ID) != nil || m.ID == "" {
			return message{}, false
		}
	default:
		return message{}, false
	}
	return m, true
}

// isSubscription checks the payload of subscribe.
func isSubscription(payload json.RawMessage) bool {
	if !isObject(payload) {
		return false
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(payload, &fields) != nil {
		return false
	}
	for key, value := range fields {
		switch key {
		case "query":
			if !isText(value) {
				return false
			}
		case "operationName":
			if !isText(value) && string(value) != "null" {
				return false
			}
		case "variables", "extensions":
			if !isObject(value) && string(value) != "null" {
				return false
			}
		}
	}
	return fields["query"] != nil
}

func isObject(text json.RawMessage) bool { return len(text) > 0 && text[0] == '{' }
func isText(text json.RawMessage) bool   { return len(text) > 0 && text[0] == '"' }

// messageOf reads gqlgen's message. Its type is not exported but its fields are; reading them saves encoding each
// event twice.
func messageOf(v any) message {
	fields := reflect.Indirect(reflect.ValueOf(v))
	payload, _ := reflect.TypeAssert[json.RawMessage](fields.FieldByName("Payload"))
	return message{ID: fields.FieldByName("ID").String(), Type: fields.FieldByName("Type").String(), Payload: payload}
}

// encodeMessage writes a message around its payload, which is JSON already.
func encodeMessage(m message) []byte {
	b := make([]byte, 0, len(m.Payload)+len(m.ID)+48)
	b = append(b, `{"type":"`...)
	b = append(b, m.Type...)
	b = append(b, '"')
	if m.ID != "" {
		id, _ := json.Marshal(m.ID)
		b = append(append(b, `,"id":`...), id...)
	}
	if len(m.Payload) > 0 {
		b = append(append(b, `,"payload":`...), m.Payload...)
	}
	return append(b, '}')
}
