package contract

import (
	"context"
	"flag"
	"strings"
	"testing"
)

// requests is how many are sent; "make fuzz" sends many more.
var requests = flag.Int("requests", 1500, "how many requests the fuzzer sends")

// seeds make the order of requests; another number is another order.
var seeds = flag.Uint64("seed", 1, "what the fuzzer's requests follow from")

func TestNoRequestGetsAnAnswerThatIsNotDescribed(t *testing.T) {
	d, _ := load(t)
	w, err := NewTwin(t.Context(), seed)
	if err != nil {
		t.Fatal(err)
	}
	f := NewFuzzer(d, w, *seeds)
	wrong := 0
	for range *requests {
		if err := f.Step(t.Context()); err != nil {
			t.Error(err)
			if wrong++; wrong >= 20 {
				break
			}
		}
	}
	if f.Sent()[200] == 0 || f.Sent()[201] == 0 || f.Sent()[422] == 0 || f.Sent()[404] == 0 {
		t.Errorf("it met too little: %v", f.Sent())
	}
	t.Logf("answers by status: %v", f.Sent())
}

// broken is a world where every answer is a failure.
type broken struct{ said string }

func (broken) Knows(Operation) bool         { return true }
func (broken) Settle(context.Context) error { return nil }

func (b broken) Send(context.Context, string, string, string, string, ...string) (Answer, error) {
	return Answer{Status: 500, Type: "application/problem+json", Body: []byte(b.said)}, nil
}

func TestTheFuzzerNoticesAFailureOfOurs(t *testing.T) {
	d, _ := load(t)
	if err := NewFuzzer(d, broken{`{"code": "internal"}`}, 1).Step(t.Context()); err == nil || !strings.Contains(err.Error(), "answers 500") {
		t.Errorf("it says %v", err)
	}
}

func TestTheSameSeedMakesTheSameRequests(t *testing.T) {
	d, _ := load(t)
	one, two := NewFuzzer(d, broken{}, 7), NewFuzzer(d, broken{}, 7)
	for range 200 {
		if a, b := one.Step(t.Context()).Error(), two.Step(t.Context()).Error(); a != b {
			t.Fatalf("%s\n%s", a, b)
		}
	}
}
