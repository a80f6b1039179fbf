package guard

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// limits are the least and the most bytes that an upload may have.
type limits struct{ min, max int64 }

// lengthRange reads x-goog-content-length-range, "min,max" in bytes; without
// it, any length will do.
func lengthRange(r *http.Request) (limits, *refusal) {
	value := r.Header.Get("X-Goog-Content-Length-Range")
	if value == "" {
		return limits{0, math.MaxInt64 - 1}, nil
	}
	low, high, found := strings.Cut(value, ",")
	least, errLow := strconv.ParseInt(strings.TrimSpace(low), 10, 64)
	most, errHigh := strconv.ParseInt(strings.TrimSpace(high), 10, 64)
	if !found || errLow != nil || errHigh != nil || least < 0 || most < least || most == math.MaxInt64 {
		return limits{}, refuse(http.StatusBadRequest, "InvalidArgument",
			"x-goog-content-length-range must be \"min,max\" in bytes.")
	}
	return limits{least, most}, nil
}

// read returns the whole body. It counts bytes instead of trusting the declared
// length, which a chunked request does not have, and stops at the first byte
// too many.
func (l limits) read(body io.Reader) ([]byte, *refusal) {
	content, err := io.ReadAll(io.LimitReader(body, l.max+1))
	size := int64(len(content))
	switch {
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "IncompleteBody", "The body ended early: "+err.Error())
	case size > l.max:
		return nil, refuse(http.StatusBadRequest, "EntityTooLarge",
			fmt.Sprintf("Your proposed upload is larger than the maximum of %d bytes.", l.max))
	case size < l.min:
		return nil, refuse(http.StatusBadRequest, "EntityTooSmall",
			fmt.Sprintf("Your proposed upload is smaller than the minimum of %d bytes.", l.min))
	}
	return content, nil
}
