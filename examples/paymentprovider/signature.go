package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Calls and notifications are signed as Standard Webhooks says (https://www.standardwebhooks.com), which has libraries
// for most languages. These are its rules, written out.

// parseSecrets reads secrets: whsec_ and the base64 of at least 24 random bytes, several while one is changed.
func parseSecrets(text string) ([][]byte, error) {
	var secrets [][]byte
	for word := range strings.FieldsSeq(strings.ReplaceAll(text, ",", " ")) {
		encoded, ok := strings.CutPrefix(word, "whsec_")
		secret, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(secret) < 24 {
			return nil, errors.New("a secret is whsec_ and the base64 of at least 24 random bytes")
		}
		secrets = append(secrets, secret)
	}
	if len(secrets) == 0 {
		return nil, errors.New("there is no secret")
	}
	return secrets, nil
}

// sign covers the name of the message, its time and its body, over the bytes as they are sent.
func sign(secret []byte, id, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// verify wants one right signature by one of the secrets, not older and not earlier than five minutes.
func verify(header http.Header, body []byte, now time.Time, secrets [][]byte) bool {
	id, timestamp := header.Get("Webhook-Id"), header.Get("Webhook-Timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || id == "" || now.Sub(time.Unix(seconds, 0)).Abs() > 5*time.Minute {
		return false
	}
	for word := range strings.FieldsSeq(header.Get("Webhook-Signature")) {
		encoded, ok := strings.CutPrefix(word, "v1,")
		signature, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil {
			continue
		}
		for _, secret := range secrets {
			if hmac.Equal(signature, sign(secret, id, timestamp, body)) { // in constant time
				return true
			}
		}
	}
	return false
}

// teller sends notifications.
type teller struct {
	url     string
	secrets [][]byte
}

// tell says that a charge has changed, under the same id until the shop has taken it or refused it for good, for about an
// hour. A shop that hears nothing looks the charge up by itself, so nothing is lost with a notification.
func (t *teller) tell(id, key string) {
	if t.url == "" {
		return
	}
	body, err := json.Marshal(map[string]any{"version": 1, "type": "charge.changed", "live": false, "charge": key})
	if err != nil {
		log.Print(err)
		return
	}
	client := &http.Client{Timeout: 10 * time.Second}
	for pause := time.Second; pause < time.Hour; pause *= 2 {
		if t.post(client, id, body) {
			return
		}
		time.Sleep(pause)
	}
	log.Printf("the shop does not take %s", id)
}

func (t *teller) post(client *http.Client, id string, body []byte) bool {
	request, err := http.NewRequest(http.MethodPost, t.url, bytes.NewReader(body)) //nolint:noctx // the client has a timeout
	if err != nil {
		log.Print(err)
		return false
	}
	timestamp := strconv.FormatInt(time.Now().Unix(), 10) // of this try
	signatures := make([]string, len(t.secrets))
	for i, secret := range t.secrets {
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(sign(secret, id, timestamp, body))
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Webhook-Id", id)
	request.Header.Set("Webhook-Timestamp", timestamp)
	request.Header.Set("Webhook-Signature", strings.Join(signatures, " "))
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	switch response.StatusCode {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge: // it would not be taken the next time either
		log.Printf("the shop refuses %s", id)
		return true
	}
	return response.StatusCode/100 == 2
}
