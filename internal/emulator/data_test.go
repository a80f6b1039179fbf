package emulator

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cloud.google.com/go/storage"
	"google.golang.org/api/option"
)

// client is Google's, for a suite that the environment does not name.
func client(t *testing.T, suite *Suite) *storage.Client {
	t.Helper()
	t.Setenv(hostVariable[Storage], suite.Storage)
	client, err := storage.NewClient(t.Context(), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func TestDataSurvivesAStopAndAStart(t *testing.T) {
	options := Options{Only: []Kind{Firestore, Auth, Storage}, Data: filepath.Join(t.TempDir(), "data")}
	person := credentials{Email: "nora@demo.example", Password: "demo-pass-1234"}
	var up, in struct{ LocalID, IDToken string }

	before := start(t, options)
	ask(t, before, http.MethodPost, before.Firestore, documents(before, "(default)")+"things?documentId=x", document("ü"), nil)
	ask(t, before, http.MethodPost, before.Auth, identity+"signUp?key=any", person, &up)
	ask(t, before, http.MethodPost, before.Auth, identity+"update", map[string]string{
		"localId": up.LocalID, "customAttributes": `{"role":"staff"}`,
	}, nil)
	files := client(t, before).Bucket("files")
	if err := files.Create(t.Context(), before.Project, nil); err != nil {
		t.Fatal(err)
	}
	put(t, files.Object("a/b.txt"), "hello")
	if _, err := files.Object("a/b.txt").Update(t.Context(), storage.ObjectAttrsToUpdate{ContentType: "text/x-kept"}); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), options); err == nil || !strings.Contains(err.Error(), "in use by another suite") {
		t.Errorf("a second suite on the same folder: %v", err)
	}
	stop(t, before)

	after := start(t, options)
	var kept struct {
		Fields struct{ A struct{ StringValue string } }
	}
	ask(t, after, http.MethodGet, after.Firestore, documents(after, "(default)")+"things/x", nil, &kept)
	if kept.Fields.A.StringValue != "ü" {
		t.Errorf("kept document: %+v", kept)
	}
	ask(t, after, http.MethodPost, after.Auth, identity+"signInWithPassword?key=any", person, &in)
	if in.LocalID != up.LocalID {
		t.Errorf("signed in as %q, was %q", in.LocalID, up.LocalID)
	}
	var found struct {
		Users []struct{ CustomAttributes string }
	}
	ask(t, after, http.MethodPost, after.Auth, identity+"lookup", map[string][]string{"localId": {up.LocalID}}, &found)
	if len(found.Users) != 1 || found.Users[0].CustomAttributes != `{"role":"staff"}` {
		t.Errorf("kept account: %+v", found)
	}
	object, err := client(t, after).Bucket("files").Object("a/b.txt").NewReader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer object.Close()
	content, err := io.ReadAll(object)
	if err != nil || string(content) != "hello" || object.Attrs.ContentType != "text/x-kept" {
		t.Errorf("kept object: %q, %s, %v", content, object.Attrs.ContentType, err)
	}
}

func TestManyAccountsAreKept(t *testing.T) {
	suite := Use(t, Auth)
	// A project of its own: the Auth emulator makes one at its first mention.
	own := &Suite{Project: "demo-" + suffix(), Auth: suite.Auth}
	var many accounts
	for range 2100 {
		many.Users = append(many.Users, []byte(`{"localId":"`+suffix()+`"}`))
	}
	ask(t, own, http.MethodPost, own.Auth, own.accountsPath("batchCreate"), many, nil)
	dir := t.TempDir()
	if err := saveAuth(t.Context(), own, dir); err != nil {
		t.Fatal(err)
	}
	other := &Suite{Project: "demo-" + suffix(), Auth: suite.Auth}
	if err := loadAuth(t.Context(), other, dir); err != nil {
		t.Fatal(err)
	}
	again := t.TempDir()
	if err := saveAuth(t.Context(), other, again); err != nil {
		t.Fatal(err)
	}
	var kept accounts
	if err := readJSON(filepath.Join(again, "accounts.json"), &kept); err != nil || len(kept.Users) != 2100 {
		t.Errorf("kept %d accounts, %v", len(kept.Users), err)
	}
}

func TestAFailedWriteLeavesTheOldData(t *testing.T) {
	options := Options{Only: []Kind{Firestore}, Data: t.TempDir()}
	kept := filepath.Join(options.Data, "firestore")
	if err := os.Mkdir(kept, 0o755); err != nil {
		t.Fatal(err)
	}
	suite := start(t, options)
	suite.Project = "not/a/project"
	err := suite.Stop(t.Context())
	if err == nil || !strings.Contains(err.Error(), "keeping the data of firestore") {
		t.Errorf("got %v", err)
	}
	if !isDir(kept) || isOpen(suite.Firestore) {
		t.Error("the old data is gone or the emulator still there")
	}
}
