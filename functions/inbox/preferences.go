package inbox

import (
	"context"
	"net/http"

	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/serve"
)

func (h handlers) addPreferences(a *serve.API) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/notifications/preferences", ID: "showPreferences", Tag: tag, Summary: "Show what you are told, and how",
		Description: "For each type of notification and each channel. Until you choose otherwise you are told of everything here, and of nothing by e-mail or push."}, h.preferences)
	serve.Add(a, serve.Operation{Method: http.MethodPatch, Path: "/api/notifications/preferences", ID: "updatePreferences", Tag: tag, Summary: "Choose what you are told, and how",
		Description: "Sets the values you send and leaves the others alone. Quiet hours hold e-mail and push back until they end, by the clock of your time zone; what is told here makes no noise and comes at once. With `digest_at`, e-mail comes once a day, at that time, quiet or not. To hear no more of one ticket, mute it."}, h.choose)
}

// Ways are the channels by which one type of notification is told.
type Ways struct {
	InApp bool `json:"in_app" doc:"In the list of notifications." example:"true"`
	Email bool `json:"email" doc:"By e-mail." example:"false"`
	Push  bool `json:"push" doc:"On your devices." example:"false"`
}

// WaysByType are the channels of each type.
type WaysByType struct {
	Assignment   Ways `json:"assignment" doc:"Somebody is to look after a ticket, or no longer."`
	Comment      Ways `json:"comment" doc:"Somebody answered, or left a note that you may read."`
	StatusChange Ways `json:"status_change" doc:"A ticket is somewhere else on its way."`
	Escalation   Ways `json:"escalation" doc:"Somebody asks for more help."`
	SLABreach    Ways `json:"sla_breach" doc:"A deadline is near or has passed."`
	Mention      Ways `json:"mention" doc:"Somebody called you by name."`
}

// QuietHours are times of day.
type QuietHours struct {
	From string `json:"from" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" doc:"When they begin, by the clock of your time zone." example:"22:00"`
	To   string `json:"to" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" doc:"When they end; on the next day, if that is earlier." example:"07:00"`
}

// Preferences are what a person is told, and how.
type Preferences struct {
	Types      WaysByType  `json:"types"`
	QuietHours *QuietHours `json:"quiet_hours" doc:"null if there are none."`
	DigestAt   *string     `json:"digest_at" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" doc:"When what is for e-mail is sent, gathered into one a day, by the clock of your time zone; null if each comes at once." example:"08:00"`
}

type preferencesAnswer struct{ Body Preferences }

func viewPreferences(p notification.Preferences, err error) (*preferencesAnswer, error) {
	if err != nil {
		return nil, err
	}
	out := &preferencesAnswer{}
	for t, ways := range out.Body.Types.byType() {
		ways.InApp, ways.Email, ways.Push = p.Wants(t, notification.InApp), p.Wants(t, notification.Email), p.Wants(t, notification.Push)
	}
	if p.Quiet != (notification.Quiet{}) {
		out.Body.QuietHours = &QuietHours{p.Quiet.From, p.Quiet.To}
	}
	if p.Digest != "" {
		out.Body.DigestAt = &p.Digest
	}
	return out, nil
}

func (w *WaysByType) byType() map[notification.Type]*Ways {
	return map[notification.Type]*Ways{
		notification.Assignment: &w.Assignment, notification.Comment: &w.Comment, notification.StatusChange: &w.StatusChange,
		notification.Escalation: &w.Escalation, notification.SLABreach: &w.SLABreach, notification.Mention: &w.Mention,
	}
}

func (h handlers) preferences(ctx context.Context, _ *struct{}) (*preferencesAnswer, error) {
	return viewPreferences(notification.ReadPreferences(ctx, h.desk, serve.Actor(ctx)))
}

// ChosenWays are channels of one type that are chosen anew.
type ChosenWays struct {
	InApp *bool `json:"in_app,omitempty" doc:"In the list of notifications." example:"true"`
	Email *bool `json:"email,omitempty" doc:"By e-mail." example:"true"`
	Push  *bool `json:"push,omitempty" doc:"On your devices." example:"false"`
}

// ChosenWaysByType are the types of which something is chosen anew.
type ChosenWaysByType struct {
	Assignment   *ChosenWays `json:"assignment,omitempty"`
	Comment      *ChosenWays `json:"comment,omitempty"`
	StatusChange *ChosenWays `json:"status_change,omitempty"`
	Escalation   *ChosenWays `json:"escalation,omitempty"`
	SLABreach    *ChosenWays `json:"sla_breach,omitempty"`
	Mention      *ChosenWays `json:"mention,omitempty"`
}

type chooseInput struct {
	Body struct {
		Types      *ChosenWaysByType     `json:"types,omitempty"`
		QuietHours serve.Opt[QuietHours] `json:"quiet_hours,omitzero" doc:"null for none."`
		DigestAt   serve.Opt[string]     `json:"digest_at,omitzero" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" doc:"A time of day to have e-mail gathered into one a day; null to have each at once." example:"08:00"`
	}
}

func (h handlers) choose(ctx context.Context, in *chooseInput) (*preferencesAnswer, error) {
	return viewPreferences(notification.ChangePreferences(ctx, h.desk, serve.Actor(ctx), func(p *notification.Preferences) {
		in.Body.Types.apply(p)
		if in.Body.QuietHours.Set {
			p.Quiet = notification.Quiet(in.Body.QuietHours.Value)
		}
		if in.Body.DigestAt.Set {
			p.Digest = in.Body.DigestAt.Value
		}
	}))
}

func (c *ChosenWaysByType) apply(p *notification.Preferences) {
	if c == nil {
		return
	}
	for t, chosen := range map[notification.Type]*ChosenWays{
		notification.Assignment: c.Assignment, notification.Comment: c.Comment, notification.StatusChange: c.StatusChange,
		notification.Escalation: c.Escalation, notification.SLABreach: c.SLABreach, notification.Mention: c.Mention,
	} {
		if chosen == nil {
			continue
		}
		for channel, wanted := range map[notification.Channel]*bool{notification.InApp: chosen.InApp, notification.Email: chosen.Email, notification.Push: chosen.Push} {
			if wanted != nil {
				p.Choose(t, channel, *wanted)
			}
		}
	}
}
