package emulator

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"
)

// document is a Firestore document with one text field, a.
func document(text string) map[string]any {
	return map[string]any{"fields": map[string]any{"a": map[string]string{"stringValue": text}}}
}

func documents(suite *Suite, database string) string {
	return "/v1/projects/" + suite.Project + "/databases/" + database + "/documents/"
}

func TestEachTestHasItsOwnFirestoreDatabase(t *testing.T) {
	suite := Use(t, Firestore)
	one, other := Database(t), Database(t)
	ask(t, suite, http.MethodPost, suite.Firestore, documents(suite, one)+"things?documentId=x", document("mine"), nil)
	ask(t, suite, http.MethodGet, suite.Firestore, documents(suite, one)+"things/x", nil, nil)
	refusal := askFails(t, suite, http.MethodGet, suite.Firestore, documents(suite, other)+"things/x", nil)
	if !strings.Contains(refusal, "404") {
		t.Errorf("want not found, got %s", refusal)
	}
}

func TestATestsDatabaseIsEmptiedWhenItEnds(t *testing.T) {
	suite := Use(t, Firestore)
	var database string
	t.Run("inner", func(t *testing.T) {
		database = Database(t)
		ask(t, suite, http.MethodPost, suite.Firestore, documents(suite, database)+"things?documentId=x", document("mine"), nil)
	})
	askFails(t, suite, http.MethodGet, suite.Firestore, documents(suite, database)+"things/x", nil)
}

func TestAnEmulatorThatTheEnvironmentNamesIsUsedAsItIs(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_PROJECT", "demo-named")
	t.Setenv(hostVariable[Firestore], "127.0.0.1:1")
	if suite := Use(t, Firestore); suite.Firestore != "127.0.0.1:1" || suite.Project != "demo-named" || suite.PID(Firestore) != 0 {
		t.Errorf("got %s in %s, process %d", suite.Firestore, suite.Project, suite.PID(Firestore))
	}
}

func TestTheEnvironmentIsASuiteOnlyIfItNamesEveryEmulator(t *testing.T) {
	for _, kind := range All() {
		t.Setenv(hostVariable[kind], "127.0.0.1:"+string(kind))
	}
	suite, ok, err := FromEnv()
	if err != nil || !ok || suite.Auth != "127.0.0.1:auth" {
		t.Errorf("all named: %+v, %t, %v", suite, ok, err)
	}
	t.Setenv(hostVariable[Auth], "")
	if suite, ok, err := FromEnv(); err != nil || ok {
		t.Errorf("one missing: %+v, %t, %v", suite, ok, err)
	}
}

// credentials are an account's e-mail address and password.
type credentials struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

const identity = "/identitytoolkit.googleapis.com/v1/accounts:"

func TestAPersonSignsUpAndIn(t *testing.T) {
	suite := Use(t, Auth)
	person := credentials{Email: "p-" + suffix() + "@demo.example", Password: "demo-pass-1234"}
	var up, in struct{ LocalID, IDToken string }
	ask(t, suite, http.MethodPost, suite.Auth, identity+"signUp?key=any", person, &up)
	ask(t, suite, http.MethodPost, suite.Auth, identity+"signInWithPassword?key=any", person, &in)
	if in.LocalID == "" || in.LocalID != up.LocalID || in.IDToken == "" {
		t.Errorf("signed up as %q, in as %q with token %q", up.LocalID, in.LocalID, in.IDToken)
	}
	person.Password += "5"
	refusal := askFails(t, suite, http.MethodPost, suite.Auth, identity+"signInWithPassword?key=any", person)
	if !strings.Contains(refusal, "INVALID_PASSWORD") {
		t.Errorf("wrong password: %s", refusal)
	}
}

// pull takes messages from a subscription until one has come.
func pull(t *testing.T, suite *Suite, subscription string) (data string, attributes map[string]string) {
	t.Helper()
	var answer struct {
		ReceivedMessages []struct {
			Message struct {
				Data       string
				Attributes map[string]string
			}
		}
	}
	eventually(t, "a message on "+subscription, func() bool {
		ask(t, suite, http.MethodPost, suite.PubSub, "/v1/"+subscription+":pull",
			map[string]any{"maxMessages": 1, "returnImmediately": true}, &answer)
		return len(answer.ReceivedMessages) > 0
	})
	message := answer.ReceivedMessages[0].Message
	decoded, err := base64.StdEncoding.DecodeString(message.Data)
	if err != nil {
		t.Fatal(err)
	}
	return string(decoded), message.Attributes
}

// subscribe makes a topic and a subscription to it.
func subscribe(t *testing.T, suite *Suite, project string) (topic, subscription string) {
	t.Helper()
	topic, subscription = "projects/"+project+"/topics/facts", "projects/"+project+"/subscriptions/all"
	ask(t, suite, http.MethodPut, suite.PubSub, "/v1/"+topic, struct{}{}, nil)
	ask(t, suite, http.MethodPut, suite.PubSub, "/v1/"+subscription, map[string]string{"topic": topic}, nil)
	return topic, subscription
}

func TestAPublishedMessageIsPulled(t *testing.T) {
	suite := Use(t, PubSub)
	topic, subscription := subscribe(t, suite, Project(t))
	ask(t, suite, http.MethodPost, suite.PubSub, "/v1/"+topic+":publish", map[string]any{
		"messages": []any{map[string]any{"data": []byte("hello"), "attributes": map[string]string{"type": "greeting"}}},
	}, nil)
	data, attributes := pull(t, suite, subscription)
	if data != "hello" || attributes["type"] != "greeting" {
		t.Errorf("pulled %q %v", data, attributes)
	}
}

func TestATestsTopicsAreDeletedWhenItEnds(t *testing.T) {
	suite := Use(t, PubSub)
	var topic, subscription string
	t.Run("inner", func(t *testing.T) { topic, subscription = subscribe(t, suite, Project(t)) })
	askFails(t, suite, http.MethodGet, suite.PubSub, "/v1/"+topic, nil)
	askFails(t, suite, http.MethodGet, suite.PubSub, "/v1/"+subscription, nil)
}

// bucket makes a bucket through Google's client, which finds the emulator in the
// environment.
func bucket(t *testing.T, suite *Suite) (string, *storage.BucketHandle) {
	t.Helper()
	client, err := storage.NewClient(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	name := "files-" + suffix()
	handle := client.Bucket(name)
	if err := handle.Create(t.Context(), suite.Project, nil); err != nil {
		t.Fatal(err)
	}
	return name, handle
}

func put(t *testing.T, object *storage.ObjectHandle, content string) {
	t.Helper()
	out := object.NewWriter(t.Context())
	if _, err := io.WriteString(out, content); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAStoredObjectIsReadWithASignedURLOnly(t *testing.T) {
	suite := Use(t, Storage)
	name, handle := bucket(t, suite)
	put(t, handle.Object("a/b.txt"), "hello")
	signed := func(expires time.Time) string {
		url, err := storage.SignedURL(name, "a/b.txt", &storage.SignedURLOptions{
			GoogleAccessID: suite.Signer().Account, PrivateKey: suite.Signer().Key,
			Method: http.MethodGet, Expires: expires, Scheme: storage.SigningSchemeV4, Insecure: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		return url
	}
	good := signed(time.Now().Add(time.Minute))
	for what, c := range map[string]struct {
		method, url string
		want        int
	}{
		"signed":       {http.MethodGet, good, http.StatusOK},
		"unsigned":     {http.MethodGet, "http://" + suite.Storage + "/" + name + "/a/b.txt", http.StatusForbidden},
		"other method": {http.MethodDelete, good, http.StatusForbidden},
		"other object": {http.MethodGet, strings.Replace(good, "a/b.txt", "a/c.txt", 1), http.StatusForbidden},
	} {
		if got := statusAsStranger(t, c.method, c.url); got != c.want {
			t.Errorf("%s: %d, want %d", what, got, c.want)
		}
	}
	// A life of one second, looked at until it is over.
	short := signed(time.Now().Add(1500 * time.Millisecond))
	eventually(t, "the URL expires", func() bool { return statusAsStranger(t, http.MethodGet, short) == http.StatusBadRequest })
}

func TestABucketNotifiesATopic(t *testing.T) {
	suite := Use(t, PubSub, Storage)
	topic, subscription := subscribe(t, suite, Project(t))
	name, handle := bucket(t, suite)
	ask(t, suite, http.MethodPost, suite.Storage, "/storage/v1/b/"+name+"/notificationConfigs", map[string]any{
		"topic": "//pubsub.googleapis.com/" + topic, "event_types": []string{"OBJECT_FINALIZE"}, "payload_format": "JSON_API_V1",
	}, nil)
	put(t, handle.Object("a/b.txt"), "hello")
	_, attributes := pull(t, suite, subscription)
	if attributes["eventType"] != "OBJECT_FINALIZE" || attributes["objectId"] != "a/b.txt" {
		t.Errorf("told of %v", attributes)
	}
}
