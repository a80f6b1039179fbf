package notification

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestADigestComesAtItsTimeByTheClockOnThePersonsWall(t *testing.T) {
	for _, c := range []struct{ now, at, zone, want string }{
		{"2026-11-23T09:00:00Z", "17:00", "UTC", "2026-11-23T17:00:00Z"},
		{"2026-11-23T16:54:59Z", "17:00", "UTC", "2026-11-23T17:00:00Z"},
		{"2026-11-23T16:55:00Z", "17:00", "UTC", "2026-11-24T17:00:00Z"},
		{"2026-11-23T18:00:00Z", "08:00", "Europe/Istanbul", "2026-11-24T05:00:00Z"},
		{"2026-03-28T12:00:00Z", "08:00", "Europe/Berlin", "2026-03-29T06:00:00Z"}, // an hour is left out that night
		{"2026-10-24T12:00:00Z", "08:00", "Europe/Berlin", "2026-10-25T07:00:00Z"}, // and here one comes twice
		{"2026-11-23T09:00:00Z", "17:00", "Nowhere/None", "2026-11-23T17:00:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := nextDigest(c.at, now, c.zone).Format(time.RFC3339); got != c.want {
			t.Errorf("%v: %s", c, got)
		}
	}
}

func TestADigestIsNeverNowAndNeverFarAway(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca"}
	start := time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		now := start.Add(time.Duration(rapid.Int64Range(0, 20*365*24*60).Draw(t, "minute")) * time.Minute)
		at := time.Date(0, 1, 1, 0, rapid.IntRange(0, 24*60-1).Draw(t, "at"), 0, 0, time.UTC).Format(hoursAndMinutes)
		next := nextDigest(at, now, rapid.SampledFrom(zones).Draw(t, "zone"))
		if away := next.Sub(now); away <= shutBefore || away > 50*time.Hour {
			t.Fatalf("%v after %v", away, now)
		}
	})
}
