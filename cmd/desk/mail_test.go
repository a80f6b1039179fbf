package main

import (
	"context"
	"strings"
	"testing"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/gcp/storage"
	"ticketsystem.example/shared/start"
)

// withMail gives a test emulators, buckets and the settings of mail.
func withMail(t *testing.T) *desk.Desk {
	t.Helper()
	suite := emulator.Use(t, emulator.Firestore, emulator.Storage)
	for _, line := range append(suite.Env(), "GOOGLE_CLOUD_PROJECT="+suite.Project, "FIRESTORE_DATABASE="+emulator.Database(t),
		"QUARANTINE_BUCKET=desk-mail-quarantine", "CLEAN_BUCKET=desk-mail-clean", "MAIL_BUCKET=desk-mail-mail", "MAIL_DOMAIN=mail.demo.example", "MAIL_KEYS=a-key-of-sixteen-or-more") {
		name, value, _ := strings.Cut(line, "=")
		t.Setenv(name, value)
	}
	cfg, err := config.FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	admin, err := storage.OpenAdmin(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []blob.Bucket{blob.Quarantine, blob.Clean, blob.Mail} {
		if err := admin.CreateBucket(t.Context(), "desk-mail-"+string(b)); err != nil {
			t.Fatal(err)
		}
	}
	d, err := start.Desk(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SaveOrganisation(context.Background(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAPipedMailBecomesATicketOnceAndCanBeReadAgain(t *testing.T) {
	d := withMail(t)
	mail := "From: Zoe <zoe@elsewhere.example>\r\nSubject: Printer on fire\r\nMessage-ID: <1@elsewhere.example>\r\n\r\nIt smells.\r\n"
	if out := succeeds(t, mail, "mail", "pipe"); !strings.Contains(out, "would take") {
		t.Error(out)
	}
	var id string
	for range 2 {
		out := succeeds(t, mail, "mail", "pipe", "-write")
		if id, _, _ = strings.Cut(out, " "); !strings.Contains(out, " ticket: ") {
			t.Error(out)
		}
	}
	all, _, err := d.List(t.Context(), desk.Actor{ID: "ada", Role: desk.RoleAdmin}, desk.Filter{}, desk.Page{})
	if err != nil || len(all) != 1 || all[0].Title != "Printer on fire" {
		t.Errorf("%v, %v", all, err)
	}
	if out := succeeds(t, "", "mail", "raw", "-id", id); out != mail {
		t.Errorf("%q", out)
	}
}

func TestAMailThatCannotBeKeptIsLeftToTheMailServer(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_PROJECT", "demo-none")
	code, _, wrong := runDesk(t, "From: a@b.example\r\n\r\nx\r\n", "mail", "pipe", "-write")
	if code != 75 {
		t.Errorf("exit code %d: %s", code, wrong)
	}
}
