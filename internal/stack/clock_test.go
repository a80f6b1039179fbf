package stack

import (
	"path/filepath"
	"testing"
	"time"

	"ticketsystem.example/shared/config"
)

func TestAMovedClockIsReadByFunctions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	c, err := newClock(file)
	if err != nil {
		t.Fatal(err)
	}
	now := config.Config{ClockFile: file}.Clock()
	for _, shift := range []time.Duration{0, 26 * time.Hour, -90 * time.Minute, 0} {
		if err := c.write(shift); err != nil {
			t.Fatal(err)
		}
		if got, err := c.shift(); got != shift || err != nil {
			t.Errorf("shift is %v, %v, want %v", got, err, shift)
		}
		deadline := time.Now().Add(5 * time.Second)
		for off := time.Hour; off.Abs() > time.Second; off = time.Until(now()) - shift {
			if time.Now().After(deadline) {
				t.Fatalf("the functions' clock is %v off", off)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

func TestAClockThatIsThereKeepsItsShift(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	c, err := newClock(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.write(time.Hour); err != nil {
		t.Fatal(err)
	}
	again, err := newClock(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.shift(); got != time.Hour || err != nil {
		t.Errorf("shift is %v, %v", got, err)
	}
}
