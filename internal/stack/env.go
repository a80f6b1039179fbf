package stack

import (
	"fmt"
	"strings"

	"ticketsystem.example/functions"
	"ticketsystem.example/shared/config"
)

// Env is the settings of the stack's functions, as NAME=value, for other programs
// that are to work on the same system.
func (s *Stack) Env() []string {
	env := s.Suite.Env()
	return append(env,
		"FIRESTORE_DATABASE="+s.database(),
		"FACTS_TOPIC="+s.prefix+functions.Topic,
		"RELAY_URL="+s.urls()["relay"]+"/",
		"FIREBASE_API_KEY=local",
		"SELF_REGISTRATION=on",
		"FORWARDED_HOPS=1",
		"ALLOWED_ORIGINS=http://localhost:3000,http://localhost:5173", // where front-end tools serve a page
		"RATE_PER_PERSON=1000000", "RATE_PER_ADDRESS=1000000",         // a benchmark is one person
		"CLOCK_FILE="+s.clock.file,
		"QUARANTINE_BUCKET="+s.bucket("quarantine"),
		"CLEAN_BUCKET="+s.bucket("clean"),
		"CLAMD_ADDRESS="+s.scanner,
		"MAIL_DOMAIN=mail.demo.example", "MAIL_KEYS=local-key-of-the-demo",
	)
}

// bucket is the full name of one of the catalogue's buckets.
func (s *Stack) bucket(name string) string { return s.prefix + s.Suite.Project + "-" + name }

// database is the id of the stack's Firestore database.
func (s *Stack) database() string {
	if s.prefix == "" {
		return "(default)"
	}
	return strings.TrimSuffix(s.prefix, "-")
}

// config is what a function that gets all settings reads out of Env.
func (s *Stack) config() (config.Config, error) {
	all := values(s.Env())
	return config.From(func(name string) string { return all[name] })
}

// values turns NAME=value lines into a map.
func values(env []string) map[string]string {
	out := map[string]string{}
	for _, line := range env {
		name, value, _ := strings.Cut(line, "=")
		out[name] = value
	}
	return out
}

// FunctionEnv is all of the environment of a function that listens on the port: the
// settings that production gives it, by its rights, and the emulators. Nothing of ours
// leaks into it; its home is the run folder, where no credentials are.
func (s *Stack) FunctionEnv(f functions.Function, port int) []string {
	env := append(s.Suite.Env(), "CLOCK_FILE="+s.clock.file, "FUNCTION_TARGET="+f.Entry,
		fmt.Sprintf("PORT=%d", port), fmt.Sprintf("GOMAXPROCS=%d", functions.CPUs), fmt.Sprintf("GOGC=%d", functions.GCPercent), "HOME="+s.dir)
	all := values(s.Env())
	for _, name := range f.Settings() {
		env = append(env, name+"="+all[name])
	}
	return append(env, s.options.Env...)
}
