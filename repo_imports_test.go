package ticketsystem

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// mayImport says what a package may import of ours. A pattern "x/..." is everything
// below x. A package without a row fails, and so does a row without a package.
//
// Imports go inwards: functions, start, serve, desk, event, docdb, fault.
var mayImport = map[string]string{
	"functions":   "", // the catalogue: a table that everybody reads
	"functions/*": "shared/...",

	"shared/fault":    "",
	"shared/sla":      "",
	"shared/search":   "",
	"shared/markdown": "",
	"shared/classify": "",
	"shared/mail":     "",
	"shared/wording":  "",
	"shared/config":   "shared/fault",

	"shared/docdb":          "shared/fault",
	"shared/docdb/dbtest":   "shared/docdb shared/fault",
	"shared/blob":           "shared/fault",
	"shared/blob/blobtest":  "shared/blob shared/fault",
	"shared/event":          "shared/docdb shared/fault",
	"shared/attempts":       "shared/docdb shared/fault",
	"shared/desk":           "shared/blob shared/docdb shared/event shared/fault shared/markdown shared/sla shared/search",
	"shared/routing":        consumer + " shared/classify shared/language",
	"shared/notification":   consumer + " shared/wording",
	"shared/analytics":      consumer,
	"shared/view":           consumer,
	"shared/quarantine":     "shared/blob shared/desk shared/fault",
	"shared/bulk":           "shared/desk shared/docdb shared/event shared/fault shared/preset",
	"shared/ledger":         "shared/desk shared/docdb shared/event shared/fault",
	"shared/preset":         "shared/desk shared/docdb shared/fault",
	"shared/inbound":        "shared/blob shared/desk shared/docdb shared/event shared/fault",
	"shared/unpack":         "shared/blob shared/desk shared/docdb shared/event shared/fault shared/inbound shared/markdown",
	"shared/delivery":       consumer + " shared/notification shared/wording",
	"shared/delivery/email": "shared/config shared/delivery shared/fault shared/mail shared/wording",
	"shared/language":       "shared/classify",
	"shared/condition":      "shared/desk shared/fault",
	"shared/automation":     "shared/condition shared/desk shared/docdb shared/event shared/fault shared/preset",

	"shared/serve": "shared/desk shared/event shared/fault",

	// One contract each, or none: they know the cloud and nothing else of ours.
	"shared/gcp/firestore": "shared/docdb shared/config shared/fault",
	"shared/gcp/storage":   "shared/blob shared/config shared/fault",
	"shared/gcp/pubsub":    "shared/event shared/config shared/fault",
	"shared/gcp/identity":  "shared/config shared/fault",
	"shared/gcp/invoke":    "shared/config shared/fault",

	// Where edge, desk and cloud are put together: in steps, so that a function links
	// only what it needs.
	"shared/start/entry": "shared/config shared/serve",
	"shared/start": "shared/bulk shared/config shared/desk shared/docdb shared/event shared/inbound shared/notification shared/view shared/serve " +
		"shared/gcp/firestore shared/gcp/invoke shared/start/entry",
	"shared/start/effects":  "shared/analytics shared/automation shared/bulk shared/delivery shared/desk shared/inbound shared/ledger shared/notification shared/routing shared/view",
	"shared/start/files":    "shared/config shared/desk shared/gcp/storage",
	"shared/start/post":     "shared/config shared/mail shared/start shared/start/files shared/unpack",
	"shared/start/carriers": "shared/config shared/delivery shared/delivery/email shared/desk shared/notification",
	"shared/start/api": "shared/config shared/desk shared/fault shared/serve shared/gcp/identity shared/gcp/invoke " +
		"shared/start shared/start/entry",

	// Never deployed.
	"cmd/desk":                        "shared/... internal/script/...",
	"cmd/dev":                         "functions shared/... internal/stack/...",
	"internal/bench":                  "functions shared/... internal/emulator internal/stack/...",
	"internal/bench/cmd/bench":        "internal/bench",
	"internal/browser":                "internal/emulator",
	"internal/bundle":                 "functions",
	"internal/bundle/cmd/bundle":      "internal/bundle",
	"internal/clamd":                  "",
	"internal/clients":                "",
	"internal/contract":               "functions shared/... internal/generate",
	"internal/emulator":               "",
	"internal/emulator/cmd/emulators": "internal/emulator",
	"internal/eval":                   "shared/classify",
	"internal/eval/cmd/eval":          "internal/eval shared/classify",
	"internal/eval/cmd/languages":     "internal/eval shared/classify",
	"internal/generate":               "functions functions/... shared/...",
	"internal/generate/cmd/generate":  "internal/generate",
	"internal/listen":                 "",
	"internal/mailbox":                "",
	"internal/script":                 "",
	"internal/stack":                  "functions shared/... internal/clamd internal/emulator internal/mailbox internal/stack/process",
	"internal/stack/console":          "functions shared/... internal/mailbox internal/stack",
	"internal/simulate":               "functions shared/... internal/generate",
	"internal/simulate/cmd/simulate":  "internal/simulate shared/serve",
	"internal/stack/process":          "",
	"internal/strain":                 "functions shared/... internal/emulator internal/simulate internal/stack",
	"internal/strain/cmd/strain":      "internal/strain",
}

// consumer is what the domains that follow from facts may import: never each other.
const consumer = "shared/desk shared/docdb shared/event shared/fault shared/search"

// row finds the package's row: its own, or that of its folder's children.
func row(p string) (string, bool) {
	if _, ok := mayImport[p]; ok {
		return p, true
	}
	all := path.Dir(p) + "/*"
	_, ok := mayImport[all]
	return all, ok
}

// covers reports whether one of the patterns names the package.
func covers(patterns, p string) bool {
	return slices.ContainsFunc(strings.Fields(patterns), func(one string) bool {
		below, deep := strings.CutSuffix(one, "/...")
		return one == p || deep && (p == below || strings.HasPrefix(p, below+"/"))
	})
}

func TestPackagesImportOnlyWhatTheirRowAllows(t *testing.T) {
	used := map[string]bool{}
	for _, p := range packages(t) {
		name, ok := row(p.path())
		if !ok {
			t.Errorf("%s has no row in mayImport; give it one, with the least it needs", p.path())
			continue
		}
		used[name] = true
		for _, to := range ours(p.Imports) {
			if !covers(mayImport[name], to) {
				t.Errorf("%s imports %s, which its row doesn't allow", p.path(), to)
			}
		}
	}
	for name := range mayImport {
		if !used[name] {
			t.Errorf("mayImport has a row for %s, which isn't there", name)
		}
	}
}

// ours are the packages of this module in a list, without its path.
func ours(imports []string) []string {
	var out []string
	for _, i := range imports {
		if p, ok := strings.CutPrefix(i, module+"/"); ok {
			out = append(out, p)
		}
	}
	return out
}

func TestTestsOfDeployedCodeImportNoOtherFunction(t *testing.T) {
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.path(), "functions/") && !strings.HasPrefix(p.path(), "shared/") {
			continue
		}
		for _, to := range ours(append(p.TestImports, p.XTestImports...)) {
			if strings.HasPrefix(to, "functions/") && to != p.path() || strings.HasPrefix(to, "cmd/") {
				t.Errorf("tests of %s import %s", p.path(), to)
			}
		}
	}
}

// sdks are modules that talk to Google's services.
var sdks = []string{
	"cloud.google.com/go", "firebase.google.com/go", "google.golang.org/api", "google.golang.org/grpc",
	"google.golang.org/genproto", "github.com/googleapis/", "golang.org/x/oauth2",
}

// knowsSDKs are the packages outside shared/gcp that import them, and why.
var knowsSDKs = map[string]string{
	"internal/bench": "compares with the plain client",
}

func TestOnlyAdaptersKnowTheCloud(t *testing.T) {
	for _, p := range packages(t) {
		if strings.HasPrefix(p.path(), "shared/gcp/") || knowsSDKs[p.path()] != "" {
			continue
		}
		for _, i := range p.Imports {
			if slices.ContainsFunc(sdks, func(sdk string) bool { return strings.HasPrefix(i, sdk) }) {
				t.Errorf("%s imports %s; only shared/gcp does that", p.path(), i)
			}
		}
	}
}

// links says which functions link which SDK. Each weighs on the start and memory of
// whoever links it, so a new one is a decision, not an accident.
var links = map[string][]string{
	"firebase.google.com/go/":        {"admit", "attachments", "inbox", "jobs", "people", "presets", "register", "reports", "settings", "tickets", "tokens", "views"},
	"cloud.google.com/go/pubsub/":    {"relay"},
	"cloud.google.com/go/storage/":   {"attachments", "receive", "scan", "sweep", "unpack"},
	"cloud.google.com/go/firestore/": {"admit", "alarm", "attachments", "automate", "bulk", "bury", "count", "deliver", "inbox", "jobs", "measure", "notify", "people", "presets", "receive", "reconcile", "register", "relay", "reorganise", "reports", "resend", "route", "scan", "settings", "sweep", "tickets", "tokens", "train", "unpack", "views"},
}

func TestFunctionsLinkOnlyTheSDKsTheyNeed(t *testing.T) {
	out, err := exec.Command("go", "list", "-e", "-f", `{{.Name}} {{join .Deps " "}}`, "./functions/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for sdk, want := range links {
		var got []string
		for line := range strings.Lines(string(out)) {
			if name, deps, _ := strings.Cut(line, " "); strings.Contains(" "+deps, " "+sdk) {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s is linked by %v, not %v", sdk, got, want)
		}
	}
}
