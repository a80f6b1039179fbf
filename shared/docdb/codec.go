package docdb

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// TimeFormat is how times are stored: UTC, always six decimals, so that the text
// sorts as the time does. Six, because Firestore keeps microseconds.
const TimeFormat = "2006-01-02T15:04:05.000000Z"

// storedTime writes times in TimeFormat; reading takes any RFC 3339.
var storedTime = json.WithMarshalers(json.MarshalToFunc(func(enc *jsontext.Encoder, t time.Time) error {
	return enc.WriteToken(jsontext.String(t.UTC().Format(TimeFormat)))
}))

// Marshal is the stored JSON of v.
func Marshal(v any) ([]byte, error) {
	return json.Marshal(v, storedTime, json.Deterministic(true))
}

// Unmarshal reads stored JSON. Fields it does not know are passed over, so that an
// older program can read what a newer one wrote.
func Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

// Encode turns a struct into document fields by its json tags. Whole numbers become
// int64, whatever Go type they had: a count that became 3.0 would not add as one.
func Encode(v any) (Fields, error) {
	data, err := Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("docdb: encode %T: %w", v, err)
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(data))
	if dec.PeekKind() != '{' {
		return nil, fmt.Errorf("docdb: encode %T: a document is a JSON object, not %s", v, dec.PeekKind())
	}
	f, err := readObject(dec)
	if err != nil {
		return nil, fmt.Errorf("docdb: encode %T: %w", v, err)
	}
	return f, nil
}

// readValue reads one JSON value. It exists because json.Unmarshal into an any makes
// every number a float64, which loses large integers, and it is quicker.
func readValue(dec *jsontext.Decoder) (any, error) {
	switch dec.PeekKind() {
	case '{':
		return readObject(dec)
	case '[':
		return readArray(dec)
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch tok.Kind() {
	case 't', 'f':
		return tok.Bool(), nil
	case '"':
		return tok.String(), nil
	case '0':
		return readNumber(tok)
	}
	return nil, nil
}

func readObject(dec *jsontext.Decoder) (map[string]any, error) {
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	m := map[string]any{}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String() // before the next read, which reuses the token's bytes
		if m[key], err = readValue(dec); err != nil {
			return nil, err
		}
	}
	_, err := dec.ReadToken()
	return m, err
}

func readArray(dec *jsontext.Decoder) ([]any, error) {
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	list := []any{}
	for dec.PeekKind() != ']' {
		v, err := readValue(dec)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := dec.ReadToken()
	return list, err
}

func readNumber(tok jsontext.Token) (any, error) {
	if n, err := tok.Int(); err == nil {
		return n, nil
	}
	x, err := tok.Float()
	if err == nil && x == math.Trunc(x) && math.Abs(x) < 1<<53 {
		return int64(x), nil
	}
	return x, err
}

// Stamp is the stored form of t, for query values.
func Stamp(t time.Time) string { return t.UTC().Format(TimeFormat) }
