package scalar

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// MarshalInt writes an Int. One that GraphQL cannot hold is a null, never a wrong number.
func MarshalInt(i int) graphql.Marshaler { return MarshalInt64(int64(i)) }

// MarshalInt32 writes an Int.
func MarshalInt32(i int32) graphql.Marshaler { return MarshalInt64(int64(i)) }

// MarshalInt64 writes an Int. One that GraphQL cannot hold is a null, never a wrong number.
func MarshalInt64(i int64) graphql.Marshaler {
	if i < math.MinInt32 || i > math.MaxInt32 {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.FormatInt(i, 10)) })
}

// MarshalFloat writes a Float. JSON has no form for infinities.
func MarshalFloat(f float64) graphql.Marshaler {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.FormatFloat(f, 'g', -1, 64)) })
}

// MarshalBoolean writes true or false.
func MarshalBoolean(b bool) graphql.Marshaler { return graphql.MarshalBoolean(b) }

// MarshalString writes a text.
func MarshalString(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// MarshalID writes an ID.
func MarshalID(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// MarshalDateTime writes a moment in UTC. The zero time is a null: it stands for a moment that isn't there.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	if t.IsZero() {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = io.WriteString(w, `"`+t.UTC().Format(time.RFC3339Nano)+`"`)
	})
}

// MarshalURL writes a web address.
func MarshalURL(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// MarshalHTML writes HTML.
func MarshalHTML(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// MarshalColor writes a color.
func MarshalColor(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// MarshalUnsignedInt64 writes a whole number as a text.
func MarshalUnsignedInt64(n uint64) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, `"`+strconv.FormatUint(n, 10)+`"`) })
}

// MarshalJSON writes any value.
func MarshalJSON(v any) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		b, err := json.Marshal(v)
		if err != nil {
			b = []byte("null")
		}
		_, _ = w.Write(b)
	})
}
