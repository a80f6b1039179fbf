package settings

import (
	"context"
	"net/http"
	"time"

	"ticketsystem.example/shared/routing"
	"ticketsystem.example/shared/serve"
)

// learn adds the operations on what routing learned.
func learn(a *serve.API, h handlers) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/admin/router", ID: "listRouters", Tag: tag, Summary: "List the models that routing learned, newest first",
		Description: "A model learns from tickets that people settled. It has to be better than the one that routes on tickets held back from training, and then, as a shadow, on those that come after; otherwise it is rejected. How often each was right, how often it was sure and how far its certainty was off is kept."}, h.routers)
}

// Router is a model as clients see it.
type Router struct {
	Name      string         `json:"name" example:"r000003"`
	State     string         `json:"state" enum:"shadow,current,retired,rejected" doc:"shadow is watched, current routes, retired did once, rejected was not better." example:"current"`
	CreatedAt time.Time      `json:"created_at"`
	Language  string         `json:"language" doc:"That its tickets are written in, as in BCP 47. Others it leaves alone." example:"en"`
	Examples  int            `json:"examples" doc:"Tickets that it learned from." example:"1840"`
	Corrected map[string]int `json:"corrected" doc:"Tickets that people put into each department themselves. Below 50 it only suggests." example:"{\"network\": 61}"`
	Held      RouterScore    `json:"held" doc:"On tickets held back from training."`
	Live      RouterScore    `json:"live" doc:"On tickets that came after it was trained, while it was a shadow."`
	Verdict   string         `json:"verdict" doc:"Why it has its state." example:"Better on the tickets that came since it was trained."`
}

// RouterScore is how a model did on tickets whose department is known.
type RouterScore struct {
	Tickets   int     `json:"tickets" example:"120"`
	Right     int     `json:"right" doc:"It named their department." example:"104"`
	Against   int     `json:"against" doc:"How many the model that routed then had right; without one, naming the commonest department." example:"88"`
	Sure      int     `json:"sure" doc:"It would have routed without a person." example:"90"`
	RightSure int     `json:"right_sure" doc:"And would have been right." example:"87"`
	Off       float64 `json:"off" doc:"How far its certainty was from how often it was right, 0 to 1." example:"0.02"`
}

func viewRouter(v routing.Version) Router {
	corrected := map[string]int{}
	for d, n := range v.Corrected {
		corrected[string(d)] = n
	}
	return Router{v.Name, string(v.State), v.CreatedAt, v.Language, v.Examples, corrected, RouterScore(v.Held), RouterScore(v.Live), v.Verdict}
}

type routersInput struct{ serve.PageInput }

func (h handlers) routers(ctx context.Context, in *routersInput) (*struct{ Body serve.Page[Router] }, error) {
	found, next, err := routing.Versions(ctx, h.desk, serve.Actor(ctx), in.Page())
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[Router] }{serve.PageOf(found, next, viewRouter)}, nil
}
