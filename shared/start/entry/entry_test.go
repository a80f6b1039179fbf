package entry

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"ticketsystem.example/shared/config"
)

// TestMain is also the deployed process that a test starts: it registers a function,
// as an init does, and says so.
func TestMain(m *testing.M) {
	if os.Getenv("K_SERVICE") == "" {
		os.Exit(m.Run())
	}
	Function("Example", func(config.Config) (http.Handler, error) { return http.NotFoundHandler(), nil })
	os.Stdout.WriteString("registered")
}

// deployed runs a process as production would, with further settings.
func deployed(t *testing.T, settings ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append([]string{"K_SERVICE=example", "GOOGLE_CLOUD_PROJECT=demo"}, settings...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestADeployedFunctionRegisters(t *testing.T) {
	if out, err := deployed(t); err != nil || out != "registered" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestADeployedProcessWithAnEmulatorEndsAtOnceAndSaysWhy(t *testing.T) {
	out, err := deployed(t, "FIREBASE_AUTH_EMULATOR_HOST=127.0.0.1:1")
	if err == nil || !strings.Contains(out, `"severity":"CRITICAL"`) || !strings.Contains(out, "FIREBASE_AUTH_EMULATOR_HOST") {
		t.Errorf("%q, %v", out, err)
	}
}
