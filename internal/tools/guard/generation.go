package guard

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
)

// checkGeneration holds a change against the generation that its caller expects
// the object to have; 0 means "does not exist". Uploads over the JSON interface
// need no check here, the emulator makes it itself.
func (g *Guard) checkGeneration(r *http.Request) *refusal {
	bucket, object, expected := precondition(r)
	if expected == "" {
		return nil
	}
	want, err := strconv.ParseInt(expected, 10, 64)
	if err != nil {
		return refuse(http.StatusBadRequest, "InvalidArgument", "The generation to match is not a number.")
	}
	if g.generation(bucket, object) != want {
		return refuse(http.StatusPreconditionFailed, "PreconditionFailed",
			"At least one of the pre-conditions you specified did not hold.")
	}
	return nil
}

// precondition tells which object a request changes, and the generation that
// it must have for that ("" when there is no such condition).
func precondition(r *http.Request) (bucket, object, expected string) {
	path := r.URL.EscapedPath()
	if rest, ok := strings.CutPrefix(path, "/storage/v1/b/"); ok {
		bucket, object = target(rest)
		return bucket, object, r.URL.Query().Get("ifGenerationMatch")
	}
	if isJSON(path) {
		return "", "", ""
	}
	bucket, object, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return unescape(bucket), unescape(object), r.Header.Get("X-Goog-If-Generation-Match")
}

// target finds the object that is written in "BUCKET/o/OBJECT" and in the forms
// for composing and copying. The path is an escaped one, in which a slash of an
// object's name can't be mistaken for one of these.
func target(path string) (bucket, object string) {
	for _, verb := range []string{"/rewriteTo/b/", "/copyTo/b/"} {
		if _, destination, ok := strings.Cut(path, verb); ok {
			path = destination
		}
	}
	path = strings.TrimSuffix(path, "/compose")
	bucket, object, _ = strings.Cut(path, "/o/")
	return unescape(bucket), unescape(object)
}

func unescape(s string) string {
	plain, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return plain
}

// generation asks the emulator for an object's generation; 0 when there is no
// such object.
func (g *Guard) generation(bucket, object string) int64 {
	path := "/storage/v1/b/" + url.PathEscape(bucket) + "/o/" + url.PathEscape(object)
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = g.Host
	answer := httptest.NewRecorder()
	g.Next.ServeHTTP(answer, r)
	var attrs struct {
		Generation int64 `json:"generation,string"`
	}
	if answer.Code != http.StatusOK || json.Unmarshal(answer.Body.Bytes(), &attrs) != nil {
		return 0
	}
	return attrs.Generation
}
