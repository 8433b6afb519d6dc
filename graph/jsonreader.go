package graph

import (
	"bytes"
	"strings"
)

// jsonReader walks over JSON that this process has written, without making anything of it. What it does not understand
// makes it broken, and ends every walk.
type jsonReader struct {
	text   []byte
	at     int
	broken bool
}

// peek gives the first byte of the value that comes; 0 at the end.
func (r *jsonReader) peek() byte {
	for r.at < len(r.text) {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return c
		}
	}
	return 0
}

// take reads one byte if it is this one.
func (r *jsonReader) take(c byte) bool {
	if r.broken || r.peek() != c {
		return false
	}
	r.at++
	return true
}

// object calls field for each key of an object; field reads the value.
func (r *jsonReader) object(field func(key string)) {
	r.list('{', '}', func() {
		key := r.word()
		if !r.take(':') {
			r.broken = true
			return
		}
		field(string(key))
	})
}

// array calls thing for each value of an array; thing reads it.
func (r *jsonReader) array(thing func()) { r.list('[', ']', thing) }

func (r *jsonReader) list(opens, closes byte, one func()) {
	if r.broken = r.broken || !r.take(opens); r.broken || r.take(closes) {
		return
	}
	for !r.broken {
		one()
		if r.take(closes) {
			return
		}
		r.broken = r.broken || !r.take(',')
	}
}

// word reads a text and gives it as it is written; escapes stand in values alone, never in the keys of an answer.
func (r *jsonReader) word() []byte {
	if r.broken = r.broken || !r.take('"'); r.broken {
		return nil
	}
	for from := r.at; ; {
		end := bytes.IndexAny(r.text[r.at:], `"\`)
		switch {
		case end < 0 || r.text[r.at+end] == '\\' && r.at+end+2 > len(r.text):
			r.broken = true
			return nil
		case r.text[r.at+end] == '"':
			r.at += end + 1
			return r.text[from : r.at-1]
		default: // what was escaped says nothing
			r.at += end + 2
		}
	}
}

// skip reads one value, however deep.
func (r *jsonReader) skip() {
	for depth := 0; !r.broken; {
		switch c := r.peek(); c {
		case 0:
			r.broken = true
		case '"':
			r.word()
		case '{', '[':
			depth++
			r.at++
			continue
		case '}', ']':
			depth--
			r.at++
		case ',', ':':
			if depth == 0 {
				r.broken = true
				return
			}
			r.at++
			continue
		default:
			for r.at < len(r.text) && strings.IndexByte(",]} \t\r\n", r.text[r.at]) < 0 {
				r.at++
			}
		}
		if depth <= 0 {
			r.broken = r.broken || depth < 0
			return
		}
	}
}
