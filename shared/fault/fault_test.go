package fault_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/fault"
)

func TestTheKindIsThatOfTheFirstFaultInTheChain(t *testing.T) {
	inner := fault.New(fault.Stale, "stale", "no")
	for _, c := range []struct {
		err  error
		want fault.Kind
	}{
		{nil, ""},
		{errors.New("x"), fault.Internal},
		{inner, fault.Stale},
		{fmt.Errorf("a: %w", fmt.Errorf("b: %w", inner)), fault.Stale},
		{fault.Wrap(inner, fault.Conflict, "c", "outer"), fault.Conflict},
		{errors.Join(errors.New("x"), inner), fault.Stale},
	} {
		if got := fault.KindOf(c.err); got != c.want || c.err != nil && !fault.Is(c.err, c.want) {
			t.Errorf("%v is %q, want %q", c.err, got, c.want)
		}
	}
	if fault.Is(nil, fault.Internal) || fault.Is(inner, fault.Internal) {
		t.Error("a fault is of a kind that it isn't")
	}
}

func TestTheCauseIsForTheLogOnly(t *testing.T) {
	cause := errors.New("dial tcp 10.0.0.1: refused")
	err := fault.Wrap(cause, fault.Internal, "broken", "Something is wrong with %d.", 7)
	if err.Message != "Something is wrong with 7." || err.Code != "broken" {
		t.Errorf("people read %q", err.Message)
	}
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), "10.0.0.1") || !strings.Contains(err.Error(), "broken") {
		t.Errorf("the log reads %q", err.Error())
	}
	if got := fault.New(fault.Conflict, "c", "No.").Error(); got != "c: No." {
		t.Errorf("without a cause the log reads %q", got)
	}
}

func TestWhatDoesNotAnswerSaysWhenToComeBack(t *testing.T) {
	cause := errors.New("refused")
	err := fault.Down(cause)
	if err.Kind != fault.Unavailable || err.Retry < time.Second || !errors.Is(err, cause) || strings.Contains(err.Message, "refused") {
		t.Errorf("got %+v", err)
	}
}

func TestAMissingThingIsNamed(t *testing.T) {
	err := fault.Missing("ticket")
	if err.Kind != fault.NotFound || !strings.Contains(err.Message, "no such ticket") {
		t.Errorf("got %+v", err)
	}
}

func TestAllBadFieldsAreToldAtOnce(t *testing.T) {
	title, body := fault.Bad("title", "at most %d characters", 200), fault.Bad("body", "needed")
	err := fault.Join(nil, title, fmt.Errorf("wrapped: %w", body), nil)
	var joined *fault.Error
	if !errors.As(err, &joined) || joined.Kind != fault.Invalid {
		t.Fatalf("got %v", err)
	}
	want := []fault.Field{{Name: "title", Message: "at most 200 characters"}, {Name: "body", Message: "needed"}}
	if !reflect.DeepEqual(joined.Fields, want) {
		t.Errorf("got %v", joined.Fields)
	}
	if len(title.Fields) != 1 || len(body.Fields) != 1 {
		t.Error("joining changed its arguments")
	}
}

func TestJoiningDoesNotHideAnotherKindOfError(t *testing.T) {
	for _, other := range []error{errors.New("x"), fault.Missing("ticket")} {
		if err := fault.Join(fault.Bad("title", "needed"), other); err != other {
			t.Errorf("got %v, want %v", err, other)
		}
	}
	if err := fault.Join(nil, nil); err != nil {
		t.Errorf("got %v of nothing", err)
	}
}
