package serve

import (
	"context"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/desk"
)

// PageInput is how a list is asked for a part.
type PageInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many items."`
	Cursor string `query:"cursor" maxLength:"1000" doc:"From the page before; opaque."`
}

// Page is the part that is asked for.
func (p PageInput) Page() desk.Page { return desk.Page{Limit: p.Limit, Cursor: p.Cursor} }

// Page is a part of a list.
type Page[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next" doc:"The cursor of the next page; null on the last."`
}

// PageOf shows the items of a page.
func PageOf[A, B any](items []A, next string, show func(A) B) Page[B] {
	p := Page[B]{Items: make([]B, len(items))}
	for i, x := range items {
		p.Items[i] = show(x)
	}
	if next != "" {
		p.Next = &next
	}
	return p
}

// Opt is a value of a partial change: left out, null (the zero value), or set.
type Opt[T any] struct {
	Set   bool
	Value T
}

// UnmarshalJSON notes that the value was there.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	o.Set = true
	return json.Unmarshal(data, &o.Value)
}

// Ptr is nil for a value that was left out.
func (o Opt[T]) Ptr() *T {
	if !o.Set {
		return nil
	}
	return &o.Value
}

// Schema describes the value, which may be null.
func (o Opt[T]) Schema(r huma.Registry) *huma.Schema {
	s := *huma.SchemaFromType(r, reflect.TypeOf(o.Value))
	s.Nullable = true
	return &s
}

// Options are what a change carries beyond its content: the trace, and the request's
// Idempotency-Key for the operation.
func Options(ctx context.Context, operation string) desk.Options {
	return desk.Options{Request: Repeatable(ctx, operation), Trace: Trace(ctx)}
}

// Replayed is the value of the Idempotent-Replayed header: "true" when the outcome is
// that of an earlier request.
func Replayed(opt desk.Options) string {
	if opt.Request != nil && opt.Request.Replayed {
		return "true"
	}
	return ""
}
