package bench

import (
	"slices"
	"time"

	"ticketsystem.example/internal/emulator"
)

// Report is what a run found. Times are in milliseconds, memory in megabytes of a
// million bytes.
type Report struct {
	Machine    Machine     `json:"machine"`
	At         time.Time   `json:"at"`
	Seconds    float64     `json:"seconds"` // that the run took
	Rounds     int         `json:"rounds"`
	Starts     int         `json:"starts"`
	Operations []Operation `json:"operations"`
	Functions  []Function  `json:"functions"`
	Goals      []Goal      `json:"goals"`
}

// Operation is one operation in all ways.
type Operation struct {
	Name      string  `json:"name"`
	Own       Cost    `json:"firestore"`           // of the answering function, on average
	Following Cost    `json:"firestore_following"` // of all other functions, on account of it
	Levels    []Level `json:"levels"`
}

// Level is an operation at one concurrency.
type Level struct {
	Concurrency int   `json:"concurrency"`
	Rounds      int   `json:"rounds"`
	Requests    int   `json:"requests_per_round"`
	Ways        []Way `json:"ways"`
	CPU         CPU   `json:"cpu_ms"`       // of an operation, over HTTP and with all that follows from it
	FloorCPU    CPU   `json:"floor_cpu_ms"` // of the emulators, for the floor
}

// Way is how fast an operation is in one way: medians of the rounds, but for p99, which
// is of all rounds' requests together, since one round has too few for it.
type Way struct {
	Name      string  `json:"way"`
	P50       float64 `json:"p50_ms"`
	P95       float64 `json:"p95_ms"`
	P99       float64 `json:"p99_ms"`
	PerSecond float64 `json:"per_second"`
	Busy      int     `json:"busy"`    // requests of all rounds that were answered with 503
	Ratio     float64 `json:"x_floor"` // median of the rounds' ratios of p50 to the floor's p50; 1 for the floor itself
}

// CPU is what one operation uses.
type CPU struct {
	Answering float64 `json:"answering"` // of the function that answers
	Events    float64 `json:"events"`    // of all other functions
	Firestore float64 `json:"firestore_emulator"`
	PubSub    float64 `json:"pubsub_emulator"`
}

// Functions is what all functions use together.
func (c CPU) Functions() float64 { return c.Answering + c.Events }

// Function is what one function needs.
type Function struct {
	Name     string  `json:"name"`
	StartMS  float64 `json:"start_ms"` // from the start of the process to its first answer
	ServeMS  float64 `json:"serve_ms"` // likewise to the end of the first request that builds all it needs
	IdleMB   float64 `json:"idle_mb"`  // resident, after one request and a pause
	LoadedMB float64 `json:"loaded_mb"`
}

func newReport(o Options) *Report {
	r := &Report{Machine: thisMachine(), At: time.Now().UTC().Truncate(time.Second), Rounds: o.Rounds, Starts: o.Starts}
	for _, op := range operations {
		r.Operations = append(r.Operations, Operation{Name: op.name})
	}
	return r
}

// operation is the report's entry of one of our operations.
func (r *Report) operation(name string) *Operation {
	for i := range r.Operations {
		if r.Operations[i].Name == name {
			return &r.Operations[i]
		}
	}
	return nil
}

// fill puts the rounds' medians into the report.
func (r *Report) fill(found map[key][]round) {
	for i, op := range operations {
		o := r.operation(op.name)
		for _, c := range concurrencies {
			rounds := func(way string) []round { return found[key{op.name, c, way}] }
			l := Level{Concurrency: c, CPU: cpu(slices.Concat(rounds(directWay), rounds(frontWay))), FloorCPU: cpu(rounds(floorWay))}
			for _, name := range operations[i].ways() {
				l.Ways = append(l.Ways, newWay(name, rounds(name), rounds(floorWay)))
			}
			if n := rounds(floorWay); len(n) > 0 {
				l.Rounds, l.Requests = len(n), len(n[0].took)
			}
			o.Levels = append(o.Levels, l)
		}
	}
}

func newWay(name string, rounds, floor []round) Way {
	of := func(value func(sample) float64) float64 {
		var values []float64
		for _, r := range rounds {
			values = append(values, value(r.sample))
		}
		return median(values)
	}
	w := Way{
		Name:      name,
		P50:       of(func(s sample) float64 { return ms(s.percentile(0.50)) }),
		P95:       of(func(s sample) float64 { return ms(s.percentile(0.95)) }),
		P99:       ms(together(rounds).percentile(0.99)),
		PerSecond: of(sample.perSecond),
		Ratio:     ratio(rounds, floor),
	}
	for _, r := range rounds {
		w.Busy += r.busy
	}
	return w
}

// together is all rounds' requests as one sample.
func together(rounds []round) sample {
	var all sample
	for _, r := range rounds {
		all.took = append(all.took, r.took...)
	}
	slices.Sort(all.took)
	return all
}

// ratio is the median of the rounds' ratios: each round is compared with its own
// floor, taken seconds apart.
func ratio(rounds, floor []round) float64 {
	var values []float64
	for i := range min(len(rounds), len(floor)) {
		if f := floor[i].percentile(0.50); f > 0 {
			values = append(values, float64(rounds[i].percentile(0.50))/float64(f))
		}
	}
	return median(values)
}

// cpu is the CPU of one request, on average of all rounds: the kernel counts in
// hundredths of a second, which would be coarse for one round.
func cpu(rounds []round) CPU {
	requests := 0
	var own, events, firestore, pubsub time.Duration
	for _, r := range rounds {
		requests += len(r.took)
		own += r.cpu.functions[answering]
		events += r.cpu.all() - r.cpu.functions[answering]
		firestore += r.cpu.emulators[emulator.Firestore]
		pubsub += r.cpu.emulators[emulator.PubSub]
	}
	each := func(d time.Duration) float64 { return ms(d) / float64(max(requests, 1)) }
	return CPU{Answering: each(own), Events: each(events), Firestore: each(firestore), PubSub: each(pubsub)}
}
