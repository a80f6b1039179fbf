package guard

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/storage"
)

// signPut signs an upload whose headers are part of the bargain.
func (w *world) signPut(object string, headers ...string) string {
	return w.sign(object, func(o *storage.SignedURLOptions) { o.Method, o.Headers = http.MethodPut, headers })
}

func TestAnUploadOutsideItsLengthRangeIsRefused(t *testing.T) {
	w := newWorld(t)
	const limit = "x-goog-content-length-range:3,5"
	for _, c := range []struct {
		body, code string
		status     int
	}{
		{"12", "EntityTooSmall", http.StatusBadRequest},
		{"123456", "EntityTooLarge", http.StatusBadRequest},
		{strings.Repeat("x", 1<<20), "EntityTooLarge", http.StatusBadRequest},
	} {
		status, body := w.do(http.MethodPut, w.signPut("up.txt", limit), c.body, limit)
		w.refused(status, body, c.status, c.code)
	}
	if _, err := w.client.Bucket("files").Object("up.txt").Attrs(t.Context()); !errors.Is(err, storage.ErrObjectNotExist) {
		t.Errorf("a refused upload left an object: %v", err)
	}
	for _, content := range []string{"123", "12345"} {
		if status, body := w.do(http.MethodPut, w.signPut("up.txt", limit), content, limit); status != http.StatusOK {
			t.Errorf("%d bytes: got %d %s", len(content), status, body)
		}
	}
}

func TestTheLengthIsCountedNotBelieved(t *testing.T) {
	w := newWorld(t)
	const limit = "x-goog-content-length-range:0,5"
	// A reader of unknown length is sent in chunks, without Content-Length.
	chunks := io.MultiReader(strings.NewReader("123456"))
	status, body, err := try(http.MethodPut, w.signPut("up.txt", limit), chunks, limit)
	if err != nil {
		t.Fatal(err)
	}
	w.refused(status, body, http.StatusBadRequest, "EntityTooLarge")
}

func TestAnUploadCannotDropOrWidenItsLengthRange(t *testing.T) {
	w := newWorld(t)
	url := w.signPut("up.txt", "x-goog-content-length-range:0,5")
	status, body := w.do(http.MethodPut, url, "123456")
	w.refused(status, body, http.StatusForbidden, "SignatureDoesNotMatch")
	status, body = w.do(http.MethodPut, url, "123456", "x-goog-content-length-range:0,500")
	w.refused(status, body, http.StatusForbidden, "SignatureDoesNotMatch")
}

func TestAMalformedLengthRangeIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, value := range []string{"5", "5,3", "-1,3", "a,b", "0,9223372036854775807"} {
		header := "x-goog-content-length-range:" + value
		status, body := w.do(http.MethodPut, w.signPut("up.txt", header), "123", header)
		w.refused(status, body, http.StatusBadRequest, "InvalidArgument")
	}
}

func TestASignedUploadMayDemandThatTheObjectIsNew(t *testing.T) {
	w := newWorld(t)
	const fresh = "x-goog-if-generation-match:0"
	url := w.signPut("once.txt", fresh)
	if status, body := w.do(http.MethodPut, url, "first", fresh); status != http.StatusOK {
		t.Fatalf("first: got %d %s", status, body)
	}
	status, body := w.do(http.MethodPut, url, "second", fresh)
	w.refused(status, body, http.StatusPreconditionFailed, "PreconditionFailed")
	status, body = w.do(http.MethodGet, w.sign("once.txt", nil), "")
	if status != http.StatusOK || body != "first" {
		t.Errorf("then read %d %q", status, body)
	}
}

func TestAnUpdateOrDeletionOfAnotherGenerationFails(t *testing.T) {
	w := newWorld(t)
	generation := w.put("a/b.txt", "hello")
	object := w.client.Bucket("files").Object("a/b.txt")
	state := storage.ObjectAttrsToUpdate{Metadata: map[string]string{"state": "clean"}}
	stale := object.If(storage.Conditions{GenerationMatch: generation - 1})
	if _, err := stale.Update(t.Context(), state); !isPreconditionFailed(err) {
		t.Errorf("stale update: %v", err)
	}
	if err := stale.Delete(t.Context()); !isPreconditionFailed(err) {
		t.Errorf("stale deletion: %v", err)
	}
	current := object.If(storage.Conditions{GenerationMatch: generation})
	if attrs, err := current.Update(t.Context(), state); err != nil || attrs.Metadata["state"] != "clean" {
		t.Errorf("current update: %v, %v", attrs, err)
	}
	if err := current.Delete(t.Context()); err != nil {
		t.Errorf("current deletion: %v", err)
	}
}

func TestACopyMayDemandThatItsTargetIsNew(t *testing.T) {
	w := newWorld(t)
	w.put("from", "new")
	w.put("taken", "old")
	bucket := w.client.Bucket("files")
	isNew := storage.Conditions{DoesNotExist: true}
	if _, err := bucket.Object("taken").If(isNew).CopierFrom(bucket.Object("from")).Run(t.Context()); !isPreconditionFailed(err) {
		t.Errorf("copy onto an object: %v", err)
	}
	if _, err := bucket.Object("free/1").If(isNew).CopierFrom(bucket.Object("from")).Run(t.Context()); err != nil {
		t.Errorf("copy to a free name: %v", err)
	}
	if _, err := bucket.Object("taken").If(isNew).ComposerFrom(bucket.Object("from")).Run(t.Context()); !isPreconditionFailed(err) {
		t.Errorf("compose onto an object: %v", err)
	}
}

func TestOfManyConditionalWritersOneWins(t *testing.T) {
	w := newWorld(t)
	const fresh = "x-goog-if-generation-match:0"
	url := w.signPut("race.txt", fresh)
	statuses, failures := make([]int, 16), make([]error, 16)
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() {
			statuses[i], _, failures[i] = try(http.MethodPut, url, strings.NewReader("x"), fresh)
		})
	}
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	slices.Sort(statuses)
	if statuses[0] != http.StatusOK || statuses[1] != http.StatusPreconditionFailed {
		t.Errorf("want one 200, got %v", statuses)
	}
}
