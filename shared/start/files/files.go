// Package files gives a desk its store for files. It is apart from package start because
// Cloud Storage's SDK weighs on the start of whoever links it, and few functions handle
// files.
package files

import (
	"fmt"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/gcp/storage"
)

// Open prepares the desk's store and says which types of files it takes.
func Open(cfg config.Config, d *desk.Desk) error {
	store, err := storage.Open(cfg)
	if err != nil {
		return err
	}
	d.Files = store
	if cfg.FileTypes != "" {
		if d.FileTypes, err = desk.ParseFileTypes(cfg.FileTypes); err != nil {
			return fmt.Errorf("FILE_TYPES: %w", err)
		}
	}
	return nil
}
