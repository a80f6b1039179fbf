package process

import (
	"os"
	"testing"
)

func TestUsageGrowsWithWork(t *testing.T) {
	before, err := UsageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if before.Resident < 1<<20 || before.Resident > 4<<30 {
		t.Errorf("this test holds %d bytes", before.Resident)
	}
	spent := 0
	until(t, "CPU time to be counted", func() bool {
		for i := range 20_000_000 {
			spent += i % 7
		}
		now, err := UsageOf(os.Getpid())
		return err == nil && now.CPU > before.CPU
	})
}

func TestAProgramThatIsGoneHasNoUsage(t *testing.T) {
	p, _, _ := script(t, `exec sleep 60`)
	pid := p.Status().PID
	p.Stop(soon(t, 0))
	if u, err := UsageOf(pid); err == nil {
		t.Errorf("it uses %+v", u)
	}
}
