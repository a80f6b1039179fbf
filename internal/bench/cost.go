package bench

// Cost is what an operation asks of Firestore.
type Cost struct {
	Calls  float64 `json:"calls"`
	Reads  float64 `json:"reads"`  // documents, as they are billed
	Writes float64 `json:"writes"` // likewise
}

// costOf is what a run does on average.
func costOf(runs [][]call) Cost {
	var sum Cost
	for _, calls := range runs {
		for _, c := range calls {
			sum.Calls++
			sum.Reads += float64(c.reads)
			sum.Writes += float64(len(c.writes))
		}
	}
	n := float64(max(len(runs), 1))
	return Cost{Calls: sum.Calls / n, Reads: sum.Reads / n, Writes: sum.Writes / n}
}

// least is the run with the fewest calls: the one without what happens now and then.
func least(runs [][]call) int {
	best := 0
	for i, calls := range runs {
		if len(calls) < len(runs[best]) {
			best = i
		}
	}
	return best
}
