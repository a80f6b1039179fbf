// Package entry registers a function under its entry name, the one that
// FUNCTION_TARGET picks.
//
// It is apart from package start so that a function without a database weighs
// nothing of Firestore's SDK. Nothing is opened here: a function is built at its
// first request (serve.Lazy). Only one thing happens at once, in init: a process
// whose environment mixes production with emulators ends.
package entry

import (
	"fmt"
	"net/http"
	"os"

	framework "github.com/GoogleCloudPlatform/functions-framework-go/functions"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/serve"
)

// Function registers a function under its entry name; build runs at the first request.
func Function(name string, build func(config.Config) (http.Handler, error)) {
	refuseMixture()
	framework.HTTP(name, serve.Lazy(name, func() (http.Handler, error) {
		cfg, err := config.FromEnv()
		if err != nil {
			return nil, err
		}
		return build(cfg)
	}))
}

// refuseMixture ends a deployed process that was given a laptop's settings.
func refuseMixture() {
	if cfg, err := config.FromEnv(); err != nil && cfg.Service != "" {
		fmt.Fprintf(os.Stderr, `{"severity":"CRITICAL","message":%q}`+"\n", err.Error())
		os.Exit(1)
	}
}
