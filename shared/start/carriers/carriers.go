// Package carriers puts together what sends messages to people: the carrier of each channel
// that is configured. It is apart from package start because few functions send anything.
package carriers

import (
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/delivery"
	"ticketsystem.example/shared/delivery/email"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/notification"
)

// Open returns what sends a desk's deliveries.
func Open(cfg config.Config, d *desk.Desk) (delivery.Office, error) {
	o := delivery.Office{Desk: d, Carriers: map[notification.Channel]delivery.Carrier{}, Site: cfg.SiteURL}
	mail, err := email.New(cfg)
	if err == nil && mail != nil {
		o.Carriers[notification.Email] = mail
	}
	return o, err
}
