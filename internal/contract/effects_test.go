package contract_test

import (
	"slices"
	"testing"

	"ticketsystem.example/functions"
	"ticketsystem.example/shared/start/effects"
)

func TestTheLedgerKnowsWhatEachFunctionOwesToTheFactsItTakes(t *testing.T) {
	for _, f := range functions.Catalogue {
		if len(f.Events) == 0 {
			continue
		}
		var known []string
		for _, e := range effects.All {
			if e.Consumer == f.Name {
				known = append(known, e.Kinds...)
			}
		}
		want := slices.Clone(f.Events)
		slices.Sort(want)
		slices.Sort(known)
		if !slices.Equal(known, want) {
			t.Errorf("function %s takes %v, shared/start/effects has %v: what it leaves behind for these facts has to be in that table", f.Name, want, known)
		}
	}
}
