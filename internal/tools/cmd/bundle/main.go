// Command bundle makes one self-contained script of a Node program and its
// dependencies.
//
// It exists so that the Auth emulator, which arrives as 700 packages in 225 MB,
// can be kept and started as a single file that needs only node. esbuild is
// used as a Go library: its npm package brings a native binary per platform as
// an optional dependency, which a lock file for one platform does not install
// on another.
//
//	bundle -out DIR ENTRY...
//
// writes DIR/NAME.cjs for each entry NAME.cjs. What it does not do: watch,
// minify names (stack traces stay readable), or bundle for browsers.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	out := flag.String("out", ".", "folder that the bundles are written to")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: bundle -out DIR ENTRY...")
		os.Exit(2)
	}
	if err := bundle(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

// optional modules are asked for by a dependency at the moment of use only, and
// are not installed when optional dependencies are left out.
var optional = []string{"source-map"}

// bundle writes one CommonJS file per entry into the folder out.
func bundle(out string, entries []string) error {
	result := api.Build(api.BuildOptions{
		EntryPoints:      entries,
		Outdir:           out,
		OutExtension:     map[string]string{".js": ".cjs"},
		Bundle:           true,
		Write:            true,
		Platform:         api.PlatformNode,
		Format:           api.FormatCommonJS,
		Target:           api.ES2022,
		External:         optional,
		MinifyWhitespace: true,
		LegalComments:    api.LegalCommentsNone,
		LogLevel:         api.LogLevelError,
	})
	if len(result.Errors) > 0 {
		first := result.Errors[0]
		return fmt.Errorf("%d errors, the first: %s", len(result.Errors), first.Text)
	}
	return nil
}
