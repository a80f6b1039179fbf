package serve

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

// told is a push request of Cloud Storage's news of an object.
func told(kind, object, generation string) string {
	return fmt.Sprintf(`{"message": {"messageId": "m1", "data": "e30=", "attributes": {"eventType": %q, "objectId": %q, "objectGeneration": %q,
		"bucketId": "b", "CloudPubSubDeadLetterSourceSubscription": "uploads-scan"}}, "deliveryAttempt": 2}`, kind, object, generation)
}

func push1(h http.Handler, body string) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)))
	return w.Code
}

func TestNewsOfAnObjectIsTakenOrAskedForAgainOrBuried(t *testing.T) {
	var handled []string
	var buried []event.DeadLetter
	var fails error
	u := Uploads{
		Name: "scan", Now: time.Now,
		Handle: func(_ context.Context, object string, generation int64) error {
			handled = append(handled, fmt.Sprint(object, generation))
			return fails
		},
		Bury: func(_ context.Context, l event.DeadLetter) error { buried = append(buried, l); return nil },
	}
	if got := push1(u, told("OBJECT_FINALIZE", "f1 ", "42")); got != http.StatusNoContent || fmt.Sprint(handled) != "[f1 42]" {
		t.Errorf("%d, %v", got, handled)
	}
	for what, body := range map[string]string{"a removal": told("OBJECT_DELETE", "f1", "42"), "nothing": told("OBJECT_FINALIZE", "", "42")} {
		if got := push1(u, body); got != http.StatusNoContent || len(handled) != 1 {
			t.Errorf("%s: %d, %v", what, got, handled)
		}
	}
	fails = fault.Down(errors.New("the scanner is away"))
	if got := push1(u, told("OBJECT_FINALIZE", "f1", "42")); got != http.StatusServiceUnavailable || len(buried) != 0 {
		t.Errorf("%d, buried %v", got, buried)
	}
	fails = fault.New(fault.Permanent, "unknown_object", "no name of ours")
	if got := push1(u, told("OBJECT_FINALIZE", "f1", "no number")); got != http.StatusNoContent || len(buried) != 1 || buried[0].Subject != "f1" || buried[0].Consumer != "scan" {
		t.Errorf("%d, buried %+v", got, buried)
	}
	if got := push1(u, "no push"); got < 400 {
		t.Errorf("%d", got)
	}
}

func TestADeadLetterAboutAnObjectNamesIt(t *testing.T) {
	var buried event.DeadLetter
	h := DeadLetters(func(_ context.Context, l event.DeadLetter) error { buried = l; return nil }, time.Now)
	got := push1(h, told("OBJECT_FINALIZE", "f1", "42"))
	if got != http.StatusNoContent || buried.Subject != "f1" || buried.Consumer != "scan" || strings.Contains(buried.Reason, "read") {
		t.Errorf("%d, %+v", got, buried)
	}
}

func TestADeadLetterNamesItsFunctionByWhateverSubscriptionIsKnown(t *testing.T) {
	for body, want := range map[string]string{
		`{"message": {"messageId": "1", "attributes": {"CloudPubSubDeadLetterSourceSubscription": "one-facts-notify", "CloudPubSubDeadLetterSourceDeliveryCount": "10"}}}`: "notify 10",
		`{"message": {"messageId": "1"}, "subscription": "projects/p/subscriptions/one-facts-notify-dead"}`:                                                                "notify 0",
		`{"message": {"messageId": "1"}, "subscription": "projects/p/subscriptions/notify"}`:                                                                               "notify 0",
	} {
		var l event.DeadLetter
		h := DeadLetters(func(_ context.Context, dead event.DeadLetter) error { l = dead; return nil }, time.Now)
		if code := push1(h, body); code != http.StatusNoContent || fmt.Sprint(l.Consumer, " ", l.Attempts) != want || l.ID != "notify:1" {
			t.Errorf("%s: %d, %+v", body, code, l)
		}
	}
}

func TestAFactForAnotherConsumerIsPassedOver(t *testing.T) {
	handled := 0
	c := Consumer{Name: "notify", Kinds: []string{"x"}, Now: time.Now, Handle: func(context.Context, event.Event) error { handled++; return nil }}
	for _, to := range []string{"count", "notify", ""} {
		data, err := event.Encode(event.Event{Schema: 1, ID: "e", Type: "x", Subject: "s", For: to})
		if err != nil {
			t.Fatal(err)
		}
		if code := push1(c, fmt.Sprintf(`{"message": {"messageId": "1", "data": %q}}`, base64.StdEncoding.EncodeToString(data))); code != http.StatusNoContent {
			t.Errorf("%q: %d", to, code)
		}
	}
	if handled != 2 {
		t.Errorf("%d were handled", handled)
	}
}
