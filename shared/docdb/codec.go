package docdb

import (
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

// Encode turns a struct into document fields by its json tags.
func Encode(v any) (Fields, error) {
	data, err := Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("docdb: encode %T: %w", v, err)
	}
	var f Fields
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("docdb: encode %T: %w", v, err)
	}
	for k, x := range f {
		f[k] = integral(x)
	}
	return f, nil
}

// integral makes whole numbers int64 again, all the way down: JSON knows floats
// only, and a count that becomes 3.0 would not sort or add as one.
func integral(x any) any {
	switch x := x.(type) {
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			return int64(x)
		}
	case []any:
		for i := range x {
			x[i] = integral(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = integral(x[k])
		}
	}
	return x
}

// Decode fills v from a record's fields.
func Decode(r Record, v any) error {
	data, err := json.Marshal(r.Fields)
	if err == nil {
		err = Unmarshal(data, v)
	}
	if err != nil {
		return fmt.Errorf("docdb: decode %s as %T: %w", r.Key, v, err)
	}
	return nil
}

// Stamp is the stored form of t, for query values.
func Stamp(t time.Time) string { return t.UTC().Format(TimeFormat) }
