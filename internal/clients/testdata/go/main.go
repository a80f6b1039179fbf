// Command client is a small client in Go, with types and calls that are made of the API's
// description. Usage: client <address> <token>.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"client.example/desk"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("go client: fine")
}

func run(ctx context.Context, address, token string) error {
	api, err := desk.NewClientWithResponses(address, desk.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}))
	if err != nil {
		return err
	}
	title, text, key := "Printer on fire", "It smells.", "client-go"
	priority := desk.CreateTicketRequestPriorityHigh
	body := desk.CreateTicketRequest{Title: &title, Description: &text, Priority: &priority}
	opened, err := api.CreateTicketWithResponse(ctx, &desk.CreateTicketParams{IdempotencyKey: &key}, body)
	if err != nil || opened.JSON201 == nil {
		return fmt.Errorf("opening: %w, %s", err, opened.Body)
	}
	t := opened.JSON201
	if t.Assignee != nil || t.Title != title {
		return fmt.Errorf("a new ticket came back as %+v", t)
	}
	again, err := api.CreateTicketWithResponse(ctx, &desk.CreateTicketParams{IdempotencyKey: &key}, body)
	if err != nil || again.JSON201 == nil || again.JSON201.Id != t.Id {
		return fmt.Errorf("the same key again: %w, %s", err, again.Body)
	}
	limit := int64(1)
	page, err := api.ListTicketsWithResponse(ctx, &desk.ListTicketsParams{Limit: &limit})
	if err != nil || page.JSON200 == nil || len(page.JSON200.Items) != 1 {
		return fmt.Errorf("a page: %w, %s", err, page.Body)
	}
	if whole, err := page.JSON200.Items[0].AsTicket(); err != nil || whole.Title != title {
		return fmt.Errorf("a ticket on a page: %w, %s", err, page.Body)
	}
	few := []desk.TicketField{desk.TicketFieldTitle, desk.TicketFieldStatus}
	beside := []desk.ShowTicketParamsExpand{desk.ShowTicketParamsExpandRequester}
	some, err := api.ShowTicketWithResponse(ctx, t.Id, &desk.ShowTicketParams{Fields: &few, Expand: &beside})
	if err != nil || some.JSON200 == nil {
		return fmt.Errorf("a part: %w, %s", err, some.Body)
	}
	part, err := some.JSON200.AsTicketPart()
	if err != nil || part.Title == nil || *part.Title != title || part.Description != nil || part.Expanded.Requester.Id != t.Requester {
		return fmt.Errorf("a part is %s: %w", some.Body, err)
	}
	shown, err := api.ShowTicketWithResponse(ctx, "TKT-000001-0001", nil)
	if err != nil || shown.ApplicationproblemJSON404 == nil || shown.ApplicationproblemJSON404.Code != "not_found" {
		return fmt.Errorf("what isn't there: %w, %s", err, shown.Body)
	}
	return nil
}
