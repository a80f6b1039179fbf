package notification

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/fault"
)

func TestQuietHoursEndByTheClockOnThePersonsWall(t *testing.T) {
	night, noon := Quiet{"22:00", "07:00"}, Quiet{"12:00", "13:30"}
	for _, c := range []struct {
		quiet           Quiet
		zone, now, want string
	}{
		{night, "Europe/Istanbul", "2026-11-23T20:30:00Z", "2026-11-24T04:00:00Z"}, // 23:30 there
		{night, "Europe/Istanbul", "2026-11-23T18:59:59Z", ""},                     // 21:59
		{night, "Europe/Istanbul", "2026-11-23T19:00:00Z", "2026-11-24T04:00:00Z"}, // 22:00 sharp
		{night, "Europe/Istanbul", "2026-11-24T03:59:59Z", "2026-11-24T04:00:00Z"}, // a second before the end
		{night, "Europe/Istanbul", "2026-11-24T04:00:00Z", ""},
		{noon, "UTC", "2026-11-23T12:15:00Z", "2026-11-23T13:30:00Z"},
		{noon, "UTC", "2026-11-23T13:30:00Z", ""},
		{night, "Europe/Berlin", "2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z"},                   // the night has an hour less
		{night, "Europe/Berlin", "2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z"},                   // and an hour more
		{Quiet{"22:00", "02:30"}, "Europe/Berlin", "2026-03-28T22:00:00Z", "2026-03-29T01:00:00Z"}, // 02:30 is left out
		{Quiet{"22:00", "02:30"}, "Europe/Berlin", "2026-10-25T01:10:00Z", "2026-10-25T01:30:00Z"}, // 02:10 for the second time
		{Quiet{}, "UTC", "2026-11-23T03:00:00Z", ""},
		{night, "Nowhere/AtAll", "2026-11-23T23:30:00Z", ""},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if until := c.quiet.until(now, c.zone); !until.IsZero() {
			got = until.Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%v in %s at %s: until %q, want %q", c.quiet, c.zone, c.now, got, c.want)
		}
	}
}

func TestQuietIsOverWhenItIsSaidToBeAndNotBefore(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"}
	moment := rapid.Custom(func(r *rapid.T) string {
		return time.Date(2026, 1, 1, 0, rapid.IntRange(0, 24*60-1).Draw(r, "minute"), 0, 0, time.UTC).Format(hoursAndMinutes)
	})
	rapid.Check(t, func(r *rapid.T) {
		q := Quiet{moment.Draw(r, "from"), moment.Draw(r, "to")}
		if q.From == q.To {
			return
		}
		zone := rapid.SampledFrom(zones).Draw(r, "zone")
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Unix(rapid.Int64Range(1767225600, 1798761600).Draw(r, "now"), 0).UTC()
		wall := func(at time.Time) string { return at.In(loc).Format(hoursAndMinutes) }
		until := q.until(now, zone)
		if until.IsZero() {
			if q.in(wall(now)) {
				r.Fatalf("it is quiet at %s, and no end is known", wall(now))
			}
			return
		}
		if !q.in(wall(now)) || q.in(wall(until)) || !q.in(wall(until.Add(-time.Second))) || until.Sub(now) > 25*time.Hour {
			r.Fatalf("%v, at %s until %s", q, wall(now), wall(until))
		}
	})
}

func TestOnlyTimesOfDayAreQuietHours(t *testing.T) {
	for _, q := range []Quiet{{"22:00", ""}, {"", "07:00"}, {"22:00", "24:00"}, {"7:00", "08:00"}, {"22:00", "22:00"}, {"aa:bb", "07:00"}, {"22:00", "07:00:00"}} {
		if err := q.check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", q, err)
		}
	}
	for _, q := range []Quiet{{}, {"22:00", "07:00"}, {"00:00", "23:59"}} {
		if err := q.check(); err != nil {
			t.Errorf("%v: %v", q, err)
		}
	}
}

func TestUntilSomebodyChoosesTheyAreToldInTheApplicationAlone(t *testing.T) {
	var p Preferences
	for _, kind := range Types {
		for _, c := range Channels {
			if p.Wants(kind, c) != (c == InApp) {
				t.Errorf("%s by %s: %v", kind, c, p.Wants(kind, c))
			}
		}
	}
	p.Choose(Comment, InApp, false)
	p.Choose(Comment, Email, true)
	if p.Wants(Comment, InApp) || !p.Wants(Comment, Email) || p.Wants(Comment, Push) || !p.Wants(Mention, InApp) {
		t.Errorf("chose %v", p.Chosen)
	}
}
