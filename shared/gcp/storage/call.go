package storage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"

	"ticketsystem.example/shared/fault"
)

// How long one call may take, with its repetitions: a brief one, and one that moves a
// file's content. tries is how often it is sent at most.
const (
	brief  = 4 * time.Second
	moving = 30 * time.Second
	tries  = 3
)

// call gives fn its time and classifies what came of it.
func call(caller context.Context, patience time.Duration, fn func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(caller, patience)
	defer cancel()
	return failure(caller, fn(ctx))
}

// failure classifies an error. What isn't there in the generation that was named isn't
// there. A caller that went away is no failure of the storage; anything but a refusal is
// one, because whatever it was may be over at the next try.
func failure(caller context.Context, err error) error {
	if err == nil {
		return nil
	}
	var answer *googleapi.Error
	answered := errors.As(err, &answer)
	switch {
	case errors.Is(err, storage.ErrObjectNotExist), answered && answer.Code == http.StatusPreconditionFailed:
		return fault.Missing("file")
	case errors.Is(caller.Err(), context.Canceled):
		return fmt.Errorf("storage: %w", context.Canceled)
	case answered && answer.Code < 500 && answer.Code != http.StatusRequestTimeout && answer.Code != http.StatusTooManyRequests:
		return fmt.Errorf("storage: %w", err)
	}
	return fault.Down(fmt.Errorf("storage: %w", err))
}

// unlessMissing forgives that an object isn't there.
func unlessMissing(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
