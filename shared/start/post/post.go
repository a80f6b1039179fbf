// Package post puts the box together to which mail comes: the desk with its files, the
// keys that tie mail to tickets, and how far senders are believed. It is apart from package
// start because few functions handle mail, and its parser weighs on whoever links it.
package post

import (
	"strings"

	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/mail"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/start/files"
	"ticketsystem.example/shared/unpack"
)

// Box is where mails are handled.
func Box(cfg config.Config) (unpack.Box, error) {
	d, err := start.Desk(cfg)
	if err != nil {
		return unpack.Box{}, err
	}
	b := unpack.Box{Desk: d, Policy: unpack.Policy{
		Checker: cfg.MailChecker, Introduce: cfg.MailStrangers == "introduce", Machines: strings.Fields(cfg.MailMachines),
	}}
	if err := files.Open(cfg, d); err != nil {
		return b, err
	}
	b.Threads, err = mail.NewThreads(cfg.MailDomain, strings.Fields(cfg.MailKeys)...)
	return b, err
}
