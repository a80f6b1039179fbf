package functions_test

import (
	"slices"
	"testing"

	"ticketsystem.example/functions"
)

func TestEachPathHasItsOwner(t *testing.T) {
	for path, want := range map[string]string{
		"/api/tickets":                 "tickets",
		"/api/tickets/":                "tickets",
		"/api/tickets/x/comments/":     "tickets",
		"/api/ticketsx":                "web",
		"/api/users/me":                "people",
		"/api/departments/network/":    "people",
		"/api/categories":              "people",
		"/api/token":                   "tokens",
		"/api/token/refresh/":          "tokens",
		"/api/register/resend/":        "register",
		"/api/notifications/":          "inbox",
		"/api/analytics/summary":       "reports",
		"/api/views":                   "views",
		"/api/macros/x":                "presets",
		"/api/admin/audit":             "settings",
		"/api/tickets/bulk":            "jobs",
		"/api/bulk/x/undo/":            "jobs",
		"/api/tickets/x/attachments":   "attachments",
		"/api/tickets/x/attachments/":  "attachments",
		"/api/tickets/x/attachments/y": "attachments",
		"/api/tickets/x/attachmentsy":  "tickets",
		"/api/tickets//attachments/":   "tickets",
		"/api/tickets/attachments/":    "tickets",
		"/api/tickets/x/y/attachments": "tickets",
		"/api/attachments/x/content/":  "attachments",
		"/api/attachments":             "attachments",
		"/api/openapi.json":            "web",
		"/api/docs/":                   "web",
		"/":                            "web",
		"/anything":                    "web",
	} {
		if got, ok := functions.Owner(path); !ok || got.Name != want {
			t.Errorf("%s belongs to %q, want %q", path, got.Name, want)
		}
	}
}

func TestTheCatalogueIsSound(t *testing.T) {
	names, entries := map[string]bool{}, map[string]bool{}
	for _, f := range functions.Catalogue {
		if names[f.Name] || entries[f.Entry] {
			t.Errorf("%s stands there twice", f.Name)
		}
		names[f.Name], entries[f.Entry] = true, true
		if f.Purpose == "" || f.MemoryMiB == 0 || f.TimeoutSec == 0 || f.Concurrency == 0 || f.MaxInstances == 0 {
			t.Errorf("%s lacks a purpose or a limit", f.Name)
		}
		if f.Public() && f.Topic() != "" {
			t.Errorf("%s takes events and is reachable from outside", f.Name)
		}
		if !f.Public() && f.Topic() == "" && f.Schedule == "" && !f.Buries {
			t.Errorf("nothing triggers %s", f.Name)
		}
		if f.TimeoutSec >= functions.AckDeadlineSec && f.Topic() != "" {
			t.Errorf("%s may run longer than its acknowledgement deadline", f.Name)
		}
	}
}

func TestAFunctionGetsTheSettingsOfItsRights(t *testing.T) {
	tickets, _ := functions.Named("tickets")
	relay, _ := functions.Named("relay")
	notify, _ := functions.Named("notify")
	web, _ := functions.Named("web")
	scan, _ := functions.Named("scan")
	for name, c := range map[string]struct{ got, want []string }{
		"tickets": {tickets.Settings(), []string{"GOOGLE_CLOUD_PROJECT", "FIRESTORE_DATABASE", "RELAY_URL", "FORWARDED_HOPS", "ALLOWED_ORIGINS", "RATE_PER_PERSON", "RATE_PER_ADDRESS"}},
		"relay":   {relay.Settings(), []string{"GOOGLE_CLOUD_PROJECT", "FIRESTORE_DATABASE", "FACTS_TOPIC"}},
		"notify":  {notify.Settings(), []string{"GOOGLE_CLOUD_PROJECT", "FIRESTORE_DATABASE"}},
		"scan":    {scan.Settings(), []string{"GOOGLE_CLOUD_PROJECT", "FIRESTORE_DATABASE", "RELAY_URL", "QUARANTINE_BUCKET", "CLEAN_BUCKET", "CLAMD_ADDRESS"}},
		"web":     {web.Settings(), []string{"GOOGLE_CLOUD_PROJECT", "FORWARDED_HOPS"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s gets %v, want %v", name, c.got, c.want)
		}
	}
}

func TestTheFilterNamesTheTypes(t *testing.T) {
	f := functions.Function{Events: []string{"a.b", "c.d"}}
	if got, want := f.Filter(), `attributes.type = "a.b" OR attributes.type = "c.d"`; got != want {
		t.Errorf("got %s", got)
	}
	if !f.Takes("c.d") || f.Takes("e.f") {
		t.Error("Takes disagrees with the filter")
	}
}
