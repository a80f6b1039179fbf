// Command simulate runs many simulated lives of the desk, or one of them again with all
// its steps, and fails if anything in them is wrong.
package main

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"ticketsystem.example/internal/simulate"
	"ticketsystem.example/shared/serve"
)

func main() {
	seeds := flag.Uint64("seeds", 500, "how many to run")
	first := flag.Uint64("first", 0, "the first one")
	seed := flag.String("seed", "", "run this one alone and print its steps")
	keep := flag.String("keep", "", "with -seed: the numbers of the actions to keep, all without")
	flag.Parse()
	serve.LogTo(slog.DiscardHandler)
	ok, err := true, error(nil)
	if *seed != "" {
		ok, err = one(*seed, *keep)
	} else {
		ok = many(*first, *seeds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// one replays a run.
func one(seed, keep string) (bool, error) {
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return false, err
	}
	s := simulate.Plan(n)
	if keep != "" {
		var numbers []int
		for _, field := range strings.Split(keep, ",") {
			k, err := strconv.Atoi(field)
			if err != nil {
				return false, err
			}
			numbers = append(numbers, k)
		}
		s = s.Keep(numbers)
	}
	r := s.Run(simulate.Options{Trace: true})
	fmt.Println(strings.Join(r.Trace, "\n"))
	fmt.Printf("%d steps, %d facts, hash %s\n", r.Steps, r.Facts, r.Hash)
	for _, w := range r.Wrong {
		fmt.Println("WRONG:", w)
	}
	return len(r.Wrong) == 0, nil
}

// many runs seeds and says how it went.
func many(first, seeds uint64) bool {
	begin := time.Now()
	sum := simulate.Many(first, seeds, runtime.GOMAXPROCS(0), simulate.Options{})
	took := time.Since(begin)
	fmt.Printf("%d seeds, %.1f seeds/s, %.0f simulated days, %d facts, %d steps, %d instances killed at work, %d seeds with something wrong\n",
		sum.Seeds, float64(sum.Seeds)/took.Seconds(), sum.Virtual.Hours()/24, sum.Facts, sum.Steps, sum.Killed, len(sum.Failed))
	for _, r := range sum.Failed {
		fmt.Print(r.Report(simulate.Options{}))
	}
	return len(sum.Failed) == 0
}
