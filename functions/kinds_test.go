package functions_test

import (
	"slices"
	"testing"

	"ticketsystem.example/functions"
	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/view"
)

func TestTheCatalogueNamesTheFactsThatAreCounted(t *testing.T) {
	for consumer, kinds := range map[string][]string{analytics.Consumer: analytics.Kinds, view.Consumer: view.Kinds} {
		if f, _ := functions.Named(consumer); !slices.Equal(f.Events, kinds) {
			t.Errorf("%s takes %v, the catalogue says %v", consumer, kinds, f.Events)
		}
	}
}
