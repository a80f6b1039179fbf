// Package config turns the environment into one checked struct. It is the only place
// that reads the environment; docs/configuration.md lists what it reads.
//
// It holds no secrets in clear beyond what the process needs, opens nothing and has
// no defaults that differ between a laptop and production, but for the emulators'
// hosts, which production refuses.
package config

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Config is what a function needs to know about where it runs. Each comment begins
// with the variable that sets the field; docs/configuration.md is made of them.
type Config struct {
	Project  string // GOOGLE_CLOUD_PROJECT: Google Cloud project id
	Database string // FIRESTORE_DATABASE: Firestore database id
	Topic    string // FACTS_TOPIC: Pub/Sub topic of facts
	RelayURL string // RELAY_URL: where a nudge goes; without it the schedule alone publishes facts
	APIKey   string // FIREBASE_API_KEY: Firebase web API key, public by design
	Service  string // K_SERVICE: Cloud Run's name of this function, set by it; empty on a laptop

	// FORWARDED_HOPS: how many proxies of ours append to X-Forwarded-For; the client's
	// address is that many entries from the right. Cloud Run's own front end is one
	ClientIPHops int

	// ALLOWED_ORIGINS: origins whose pages may use the API from a browser, exactly as
	// browsers name them (https://desk.example.org), with commas between
	AllowedOrigins string
	PerPerson      int // RATE_PER_PERSON: requests a minute that an instance takes of one person; 0 is no limit
	PerAddress     int // RATE_PER_ADDRESS: requests a minute that an instance takes of one address, behind which a whole office may be; 0 is no limit

	QuarantineBucket string // QUARANTINE_BUCKET: Cloud Storage bucket that takes uploads
	CleanBucket      string // CLEAN_BUCKET: Cloud Storage bucket of files that were checked
	Scanner          string // CLAMD_ADDRESS: ClamAV's clamd, host:port; without it no file is ever let through

	// FILE_TYPES: media types that may be attached, each with the endings that a file's
	// name may have (image/png=.png text/plain=.txt.log), with spaces between; empty for
	// images, PDF, plain texts and office documents
	FileTypes string

	MailDomain string // MAIL_DOMAIN: domain of the addresses that people reply to by e-mail, and of the ids of messages
	MailKeys   string // MAIL_KEYS: secrets that sign these addresses, 16 characters or more each, with spaces between; the first signs, all are good to check
	// SELF_REGISTRATION: on lets people register themselves, as users who act once they
	// have shown that the address is theirs; anything else does not
	Registration string

	// Local only: refused where Service is set.

	FirestoreHost string // FIRESTORE_EMULATOR_HOST: Firestore emulator, host:port
	AuthHost      string // FIREBASE_AUTH_EMULATOR_HOST: Firebase Auth emulator, host:port
	PubSubHost    string // PUBSUB_EMULATOR_HOST: Pub/Sub emulator, host:port
	StorageHost   string // STORAGE_EMULATOR_HOST: Cloud Storage emulator, host:port
	StorageSigner string // STORAGE_EMULATOR_SIGNER: account whose signed URLs the Storage emulator takes
	StorageKey    string // STORAGE_EMULATOR_SIGNING_KEY: its private key, PKCS #8 in base64
	GoogleHost    string // GOOGLE_APIS_HOST: plain-HTTP stand-in for Google's key and identity servers, used by tests of the production path
	ClockFile     string // CLOCK_FILE: file that holds a Go duration by which the clock is shifted
}

// FromEnv reads the process's environment.
func FromEnv() (Config, error) { return From(os.Getenv) }

// From reads the environment through get and checks it.
func From(get func(string) string) (Config, error) {
	or := func(name, fallback string) string {
		if v := get(name); v != "" {
			return v
		}
		return fallback
	}
	c := Config{
		Project:       get("GOOGLE_CLOUD_PROJECT"),
		Database:      or("FIRESTORE_DATABASE", "(default)"),
		Topic:         or("FACTS_TOPIC", "facts"),
		RelayURL:      get("RELAY_URL"),
		APIKey:        get("FIREBASE_API_KEY"),
		Service:       get("K_SERVICE"),
		FirestoreHost: get("FIRESTORE_EMULATOR_HOST"),
		AuthHost:      get("FIREBASE_AUTH_EMULATOR_HOST"),
		PubSubHost:    get("PUBSUB_EMULATOR_HOST"),
		StorageHost:   get("STORAGE_EMULATOR_HOST"),
		StorageSigner: get("STORAGE_EMULATOR_SIGNER"),
		StorageKey:    get("STORAGE_EMULATOR_SIGNING_KEY"),
		GoogleHost:    get("GOOGLE_APIS_HOST"),
		ClockFile:     get("CLOCK_FILE"),

		AllowedOrigins: get("ALLOWED_ORIGINS"),
		Registration:   or("SELF_REGISTRATION", "off"),

		QuarantineBucket: get("QUARANTINE_BUCKET"),
		CleanBucket:      get("CLEAN_BUCKET"),
		Scanner:          get("CLAMD_ADDRESS"),
		FileTypes:        get("FILE_TYPES"),

		MailDomain: get("MAIL_DOMAIN"),
		MailKeys:   get("MAIL_KEYS"),
	}
	var err error
	if c.ClientIPHops, err = strconv.Atoi(or("FORWARDED_HOPS", "1")); err != nil || c.ClientIPHops < 1 || c.ClientIPHops > 8 {
		return c, fmt.Errorf("config: FORWARDED_HOPS must be a number from 1 to 8")
	}
	if c.PerPerson, err = strconv.Atoi(or("RATE_PER_PERSON", "600")); err != nil || c.PerPerson < 0 {
		return c, fmt.Errorf("config: RATE_PER_PERSON must be a number of requests, or 0")
	}
	if c.PerAddress, err = strconv.Atoi(or("RATE_PER_ADDRESS", "6000")); err != nil || c.PerAddress < 0 {
		return c, fmt.Errorf("config: RATE_PER_ADDRESS must be a number of requests, or 0")
	}
	if strings.Contains(c.AllowedOrigins, "*") {
		return c, fmt.Errorf("config: ALLOWED_ORIGINS must name each origin; * would be everybody's pages")
	}
	return c, c.check()
}

// check refuses a mixture of production and laptop, which would let unsigned tokens
// or a moved clock into a real stack.
func (c Config) check() error {
	if c.Project == "" {
		return fmt.Errorf("config: GOOGLE_CLOUD_PROJECT is not set")
	}
	if c.Service == "" {
		return nil
	}
	local := []struct{ name, value string }{
		{"FIRESTORE_EMULATOR_HOST", c.FirestoreHost},
		{"FIREBASE_AUTH_EMULATOR_HOST", c.AuthHost},
		{"PUBSUB_EMULATOR_HOST", c.PubSubHost},
		{"STORAGE_EMULATOR_HOST", c.StorageHost},
		{"STORAGE_EMULATOR_SIGNER", c.StorageSigner},
		{"STORAGE_EMULATOR_SIGNING_KEY", c.StorageKey},
		{"GOOGLE_APIS_HOST", c.GoogleHost},
		{"CLOCK_FILE", c.ClockFile},
	}
	var wrong []string
	for _, l := range local {
		if l.value != "" {
			wrong = append(wrong, l.name)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("config: K_SERVICE is set, so this is a deployed function; it refuses to start with the local settings %s", strings.Join(wrong, ", "))
	}
	return nil
}

// Origins are those of AllowedOrigins, one by one.
func (c Config) Origins() []string {
	return strings.FieldsFunc(c.AllowedOrigins, func(r rune) bool { return r == ',' || r == ' ' })
}

// SelfRegistration reports whether people may register themselves.
func (c Config) SelfRegistration() bool { return c.Registration == "on" }

// Clock tells the time. Every function has one and uses no other.
type Clock func() time.Time

// Clock returns the real clock in UTC, or with ClockFile the real clock shifted by
// the duration in that file, read anew at most every 50 ms.
func (c Config) Clock() Clock {
	if c.ClockFile == "" {
		return func() time.Time { return time.Now().UTC() }
	}
	return newShifted(c.ClockFile).now
}
