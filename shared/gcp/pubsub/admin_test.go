package pubsub

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/go-json-experiment/json"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"ticketsystem.example/shared/event"
)

// push is the part of a push request that these tests look at.
type push struct {
	Message struct {
		Data       []byte            `json:"data"`
		Attributes map[string]string `json:"attributes"`
	} `json:"message"`
}

// receiver answers pushes with the status and hands on what came.
func receiver(t *testing.T, status int) (url string, got <-chan push) {
	t.Helper()
	pushes := make(chan push, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var p push
		if err := json.UnmarshalRead(r.Body, &p); err != nil {
			t.Errorf("push: %v", err)
		}
		pushes <- p
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return server.URL, pushes
}

// next waits for a push.
func next(t *testing.T, pushes <-chan push) push {
	t.Helper()
	select {
	case p := <-pushes:
		return p
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was pushed")
		return push{}
	}
}

func TestASubscriptionPushesToItsEndpointAndToItsNewOne(t *testing.T) {
	t.Parallel()
	cfg, admin := settings(t)
	topic := opened(t, cfg)
	for n := range 2 { // the second time as after a restart on other ports
		url, pushes := receiver(t, http.StatusNoContent)
		subscribe(t, admin, Subscription{Name: "push", Topic: "facts", Endpoint: url, AckDeadline: time.Minute, Filter: `attributes.type = "ticket.changed"`})
		if err := topic.Publish(t.Context(), []event.Event{fact(n)}); err != nil {
			t.Fatal(err)
		}
		p := next(t, pushes)
		if e, err := event.Decode(p.Message.Data); err != nil || e.ID != fact(n).ID || p.Message.Attributes["type"] != e.Type {
			t.Errorf("got %+v, %v, %v", e, p.Message.Attributes, err)
		}
	}
}

func TestAMessageThatIsAlwaysRefusedBecomesADeadLetter(t *testing.T) {
	t.Parallel()
	cfg, admin := settings(t)
	url, pushes := receiver(t, http.StatusInternalServerError)
	create(t, admin, "dead")
	subscribe(t, admin, Subscription{Name: "morgue", Topic: "dead", AckDeadline: time.Minute})
	subscribe(t, admin, Subscription{
		Name: "push", Topic: "facts", Endpoint: url, AckDeadline: time.Minute,
		MinBackoff: 100 * time.Millisecond, MaxBackoff: time.Second, DeadLetters: "dead", MaxAttempts: 5,
	})
	if err := opened(t, cfg).Publish(t.Context(), []event.Event{fact(1)}); err != nil {
		t.Fatal(err)
	}
	m := pull(t, admin, "morgue", 1)[0]
	if e, err := event.Decode(m.Data); err != nil || e.ID != "e1" || m.Attributes["ticket"] != "t1" {
		t.Errorf("got %+v, %v, %v", e, m.Attributes, err)
	}
	if n := len(pushes); n < 5 {
		t.Errorf("%d attempts, want 5", n)
	}
}

func TestSettingUpMayBeRepeatedAndChangesWhatCanChange(t *testing.T) {
	t.Parallel()
	_, admin := settings(t)
	create(t, admin, "facts", "dead", "dead")
	s := Subscription{Name: "push", Topic: "facts", Endpoint: "http://127.0.0.1:1/a", Filter: `attributes:type`, AckDeadline: 10 * time.Second}
	subscribe(t, admin, s)
	subscribe(t, admin, s)
	s.Endpoint, s.AckDeadline, s.MinBackoff, s.MaxBackoff, s.DeadLetters, s.MaxAttempts = "http://127.0.0.1:1/b", 60*time.Second, time.Second, time.Minute, "dead", 7
	subscribe(t, admin, s)
	now, err := admin.subs.GetSubscription(t.Context(), &pubsubpb.GetSubscriptionRequest{Subscription: admin.subscription("push")})
	if err != nil {
		t.Fatal(err)
	}
	if now.PushConfig.PushEndpoint != s.Endpoint || now.AckDeadlineSeconds != 60 || now.Filter != s.Filter ||
		now.RetryPolicy.GetMinimumBackoff().AsDuration() != time.Second || now.RetryPolicy.GetMaximumBackoff().AsDuration() != time.Minute ||
		!strings.HasSuffix(now.DeadLetterPolicy.GetDeadLetterTopic(), "/dead") || now.DeadLetterPolicy.GetMaxDeliveryAttempts() != 7 {
		t.Errorf("got %v", now)
	}
	other := s
	other.Topic = "dead"
	if err := admin.CreateSubscription(t.Context(), other); err == nil || !strings.Contains(err.Error(), "/topics/facts") {
		t.Errorf("another topic: %v", err)
	}
	other = s
	other.Filter = ""
	if err := admin.CreateSubscription(t.Context(), other); err == nil || !strings.Contains(err.Error(), "attributes:type") {
		t.Errorf("another filter: %v", err)
	}
}

func TestADeletedSubscriptionIsGoneAndMayBeDeletedAgain(t *testing.T) {
	t.Parallel()
	_, admin := settings(t)
	for range 2 {
		if err := admin.DeleteSubscription(t.Context(), "watch"); err != nil {
			t.Fatal(err)
		}
	}
	_, err := admin.subs.GetSubscription(t.Context(), &pubsubpb.GetSubscriptionRequest{Subscription: admin.subscription("watch")})
	if status.Code(err) != codes.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestASubscriptionOfAMissingTopicIsRefused(t *testing.T) {
	t.Parallel()
	_, admin := settings(t)
	err := admin.CreateSubscription(t.Context(), Subscription{Name: "push", Topic: "nowhere", AckDeadline: time.Minute})
	if status.Code(err) != codes.NotFound {
		t.Errorf("got %v", err)
	}
}
