package bundle_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"ticketsystem.example/functions"
)

const (
	atOnce = 2 // builds that run at the same time
	starts = 3 // of each function: the fastest tells what it costs, the others what the machine did besides
)

// made is a function's server and what is reported of it.
type made struct {
	binary   string
	files    int           // in the archive
	packed   int64         // bytes of the archive
	linked   int64         // bytes of the binary
	building time.Duration // packing, unpacking, tidying, compiling, linking
	starting time.Duration // process start to first answer
	resident string        // MiB after that
}

func TestEachFunctionBuildsAndServesAsOnCloudFunctions(t *testing.T) {
	servers := make([]made, len(functions.Catalogue))
	folder := t.TempDir() // outlives the subtests
	t.Run("builds", func(t *testing.T) {
		slots := make(chan struct{}, atOnce)
		for i, fn := range functions.Catalogue {
			t.Run(fn.Name, func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				servers[i] = makeServer(t, fn.Name, filepath.Join(folder, fn.Name))
			})
		}
	})
	// One after the other, or they would slow each other down.
	for i, fn := range functions.Catalogue {
		s := &servers[i]
		if s.binary == "" {
			continue // failed above
		}
		t.Run("answers/"+fn.Name, func(t *testing.T) { s.answers(t, fn) })
		t.Run("refuses/"+fn.Name, func(t *testing.T) { s.refuses(t, fn) })
	}
	report(t, servers)
}

func makeServer(t *testing.T, name, app string) made {
	t.Helper()
	began := time.Now()
	archive, info := pack(t, repository, name)
	binary := build(t, archive, app)
	return made{
		binary: binary, files: len(info.Files), packed: info.Bytes, linked: size(t, binary), building: time.Since(began),
	}
}

// answers has the function answer with nothing but its target and project set: a start
// needs no network.
func (m *made) answers(t *testing.T, fn functions.Function) {
	for range starts {
		s := answers(t, m.binary, "FUNCTION_TARGET="+fn.Entry, "GOOGLE_CLOUD_PROJECT=demo-bundle")
		if m.starting == 0 || s.took < m.starting {
			m.starting = s.took
		}
		m.resident = resident(t, s.pid)
	}
	t.Logf("archive %d bytes in %d files, binary %d bytes, first answer after %v, %s MiB resident",
		m.packed, m.files, m.linked, m.starting, m.resident)
}

// refuses has the function end at once where a deployed function finds the settings of
// a laptop.
func (m *made) refuses(t *testing.T, fn functions.Function) {
	log, code := ends(t, m.binary, "FUNCTION_TARGET="+fn.Entry, "GOOGLE_CLOUD_PROJECT=demo-bundle",
		"K_SERVICE="+fn.Name, "FIRESTORE_EMULATOR_HOST=127.0.0.1:1")
	var line struct{ Severity, Message string }
	if err := json.Unmarshal([]byte(log), &line); err != nil {
		t.Fatalf("the log is not one line of JSON (%v):\n%s", err, log)
	}
	if code == 0 || line.Severity != "CRITICAL" || !strings.Contains(line.Message, "FIRESTORE_EMULATOR_HOST") {
		t.Errorf("it ended with code %d and said\n%s", code, log)
	}
}

// report prints a table to stdout when tests are verbose.
func report(t *testing.T, servers []made) {
	t.Helper()
	if !testing.Verbose() {
		return
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "function\tfiles\tarchive KiB\tbinary MiB\tbuild s\tfirst answer ms\tresident MiB\t")
	for i, s := range servers {
		fmt.Fprintf(w, "%s\t%d\t%.1f\t%.1f\t%.1f\t%.1f\t%s\t\n", functions.Catalogue[i].Name, s.files, float64(s.packed)/(1<<10),
			float64(s.linked)/(1<<20), s.building.Seconds(), float64(s.starting.Microseconds())/1000, s.resident)
	}
	if err := w.Flush(); err != nil {
		t.Error(err)
	}
}
