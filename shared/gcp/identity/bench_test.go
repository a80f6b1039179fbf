package identity

import (
	"context"
	"testing"
	"time"
)

// What a request pays whose token was verified before.
func BenchmarkVerifyRemembered(b *testing.B) {
	g := newGoogle(b)
	cache := Cached(g.client(), time.Now, MaxAge)
	benchmark(b, g.good(), func(ctx context.Context, token string) error {
		_, err := cache.Verify(ctx, token)
		return err
	})
}

// The signature and the claims alone, with the keys at hand.
func BenchmarkVerifySignature(b *testing.B) {
	g := newGoogle(b)
	sdk, err := g.client().admin()
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, g.good(), func(ctx context.Context, token string) error {
		_, err := sdk.VerifyIDToken(ctx, token)
		return err
	})
}

// All of it: signature, claims, and the account's look-up over loopback, the
// stand-in's own work included.
func BenchmarkVerifyAnew(b *testing.B) {
	g := newGoogle(b)
	client := g.client()
	benchmark(b, g.good(), func(ctx context.Context, token string) error {
		_, err := client.Verify(ctx, token)
		return err
	})
}

func benchmark(b *testing.B, token string, verify func(context.Context, string) error) {
	b.Helper()
	if err := verify(b.Context(), token); err != nil { // the keys are fetched once
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}
