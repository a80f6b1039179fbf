// Command bundle writes the source archive of every function of the catalogue and prints
// a table of them: name, files, size in KiB, SHA-256.
//
//	go run ./internal/bundle/cmd/bundle -out .build/bundles
//
// It deploys nothing. Files that are not in Git yet are named on stderr.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"ticketsystem.example/internal/bundle"
)

func main() {
	root := flag.String("root", ".", "the repository's folder")
	out := flag.String("out", ".build/bundles", "the folder for the archives")
	flag.Parse()
	infos, err := bundle.All(*root, *out)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	warn(os.Stderr, infos)
	if err := table(os.Stdout, infos); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// table prints one line for each archive.
func table(w io.Writer, infos []bundle.Info) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "function\tfiles\tKiB\tsha256")
	for _, i := range infos {
		fmt.Fprintf(t, "%s\t%d\t%.1f\t%s\n", i.Name, len(i.Files), float64(i.Bytes)/1024, i.SHA256)
	}
	return t.Flush()
}

// warn names each untracked file once, with all the functions that take it along.
func warn(w io.Writer, infos []bundle.Info) {
	var order []string
	takers := map[string]string{}
	for _, i := range infos {
		for _, name := range i.Untracked {
			if takers[name] == "" {
				order = append(order, name)
			}
			takers[name] += " " + i.Name
		}
	}
	for _, name := range order {
		fmt.Fprintf(w, "not in Git yet: %s (in:%s)\n", name, takers[name])
	}
}
