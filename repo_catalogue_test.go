package ticketsystem

import (
	"go/ast"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ticketsystem.example/functions"
	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/automation"
	"ticketsystem.example/shared/bulk"
	"ticketsystem.example/shared/delivery"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/inbound"
	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/routing"
	"ticketsystem.example/shared/view"
)

func TestTheCatalogueIsTheFolders(t *testing.T) {
	entries, err := os.ReadDir("functions")
	if err != nil {
		t.Fatal(err)
	}
	var folders, named []string
	for _, e := range entries {
		if e.IsDir() {
			folders = append(folders, e.Name())
		}
	}
	for _, f := range functions.Catalogue {
		named = append(named, f.Name)
	}
	slices.Sort(named)
	if !slices.Equal(folders, named) {
		t.Errorf("folders:   %v\ncatalogue: %v", folders, named)
	}
}

// registered are the entry names that the function's init registers.
func registered(t *testing.T, function string) []string {
	t.Helper()
	var names []string
	for _, s := range sources(t) {
		if !s.below("functions/"+function) || s.test() {
			continue
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 1 {
				if name, ok := entryName(call); ok {
					names = append(names, name)
				}
			}
			return true
		})
	}
	return names
}

// entryName is the first argument of entry.Function, api.Function and start.Event.
func entryName(call *ast.CallExpr) (string, bool) {
	fun, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	from, ok := fun.X.(*ast.Ident)
	if !ok || !slices.Contains([]string{"entry.Function", "api.Function", "start.Event"}, from.Name+"."+fun.Sel.Name) {
		return "", false
	}
	arg, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	name, err := strconv.Unquote(arg.Value)
	return name, err == nil
}

func TestEachFunctionRegistersItsEntry(t *testing.T) {
	for _, f := range functions.Catalogue {
		if got := registered(t, f.Name); !slices.Equal(got, []string{f.Entry}) {
			t.Errorf("%s registers %v, the catalogue says %s", f.Name, got, f.Entry)
		}
	}
}

func TestEachFunctionImportsTheFrameworkWhereGooglesBuilderLooks(t *testing.T) {
	const framework = "github.com/GoogleCloudPlatform/functions-framework-go/functions"
	for _, p := range packages(t) {
		if strings.HasPrefix(p.path(), "functions/") && !slices.Contains(p.Imports, framework) {
			t.Errorf("%s doesn't; the builder would not know it for a function", p.path())
		}
	}
}

// comment is the whole package comment in a folder.
func comment(t *testing.T, folder string) string {
	t.Helper()
	for _, s := range sources(t) {
		if s.syntax.Doc != nil && !s.test() && s.below(folder) && strings.Count(s.path, "/") == strings.Count(folder, "/")+1 {
			return strings.Join(strings.Fields(s.syntax.Doc.Text()), " ")
		}
	}
	return ""
}

// rights are the words for each right in package comments.
var rights = map[functions.Right]string{
	functions.ReadWriteData: "Firestore documents",
	functions.VerifyPeople:  "looking up accounts",
	functions.SignPeopleIn:  "signing people in",
	functions.ManagePeople:  "changing accounts",
	functions.PublishFacts:  "publishing",
	functions.NudgeRelay:    "invoking relay",
	functions.SignFiles:     "signing links to files",
	functions.KeepFiles:     "files in both buckets",
	functions.TieMail:       "tying e-mail to tickets",
	functions.KeepMail:      "mails as they came",
	functions.SendMail:      "sending e-mail",
}

func TestEachFunctionSaysWhatCallsItAndWhatItMayDo(t *testing.T) {
	for _, f := range functions.Catalogue {
		text := comment(t, "functions/"+f.Name)
		if !strings.Contains(text, " Trigger: ") {
			t.Errorf("%s: the package comment doesn't say what triggers it", f.Name)
		}
		for _, p := range f.Paths {
			if !strings.Contains(text, p) {
				t.Errorf("%s: the package comment doesn't name %s", f.Name, p)
			}
		}
		var words []string
		for _, r := range f.Rights {
			words = append(words, rights[r])
		}
		want := "none"
		if len(words) > 0 {
			want = strings.Join(words, ", ")
		}
		if !strings.HasSuffix(text, " Rights: "+want+".") {
			t.Errorf("%s: the package comment doesn't end with “Rights: %s.”", f.Name, want)
		}
	}
}

// kinds are the facts that each domain acts on, by the name of its consumer.
var kinds = map[string][]string{
	routing.Consumer:      routing.Kinds,
	notification.Consumer: notification.Kinds,
	delivery.Consumer:     delivery.Kinds,
	analytics.Consumer:    analytics.Kinds,
	view.Consumer:         view.Kinds,
	desk.Mover:            desk.Moves,
	bulk.Consumer:         bulk.Kinds,
	desk.Accounts:         desk.Followed,
	inbound.Consumer:      inbound.Kinds,
	automation.Consumer:   automation.Kinds,
}

func TestSubscriptionsDeliverWhatConsumersActOn(t *testing.T) {
	consumers := 0
	for _, f := range functions.Catalogue {
		if len(f.Events) == 0 {
			continue
		}
		consumers++
		if !slices.Equal(f.Events, kinds[f.Name]) {
			t.Errorf("%s: the catalogue delivers %v, the consumer acts on %v", f.Name, f.Events, kinds[f.Name])
		}
	}
	if consumers != len(kinds) {
		t.Errorf("%d functions take facts, %d domains act on some", consumers, len(kinds))
	}
}
