package process

import "time"

// Pauses between starts of a program that keeps ending.
const (
	firstPause = 100 * time.Millisecond
	longPause  = 10 * time.Second
	healthy    = 10 * time.Second // one that ran this long had not crashed at start
)

// backoff says how long to wait before the next start.
type backoff struct {
	pause time.Duration
	again bool
}

// next is the pause after a program that lived for the given time: none for the
// first end and after a healthy life, then twice as long each time.
func (b *backoff) next(lived time.Duration) time.Duration {
	if lived >= healthy || !b.again {
		*b = backoff{again: true}
		return 0
	}
	b.pause = min(max(2*b.pause, firstPause), longPause)
	return b.pause
}
