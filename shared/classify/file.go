package classify

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"sort"
	"unicode/utf8"
)

// A file of version 2, numbers little-endian (version 1 has no lowest score):
//
//	"TSCM" 2                            what it is, and the version
//	certainty, threshold, lowest        five float64
//	unknown                             a float32
//	labels                              uvarint, then each: uvarint length, text
//	scale, bias                         two float32 for each label
//	rows                                uvarint, then each: uvarint distance from the bucket
//	                                    before, byte rarity, uvarint entries,
//	                                    entries of uint16 class and int8 weight, or byte
//	                                    class and int8 weight up to 256 labels
//	CRC-32C of all before
const (
	magic    = "TSCM\x02"
	version1 = "TSCM\x01"
)

// ErrFile says that a file isn't a model of a version known here, or is damaged.
var ErrFile = errors.New("not a usable model file")

var table = crc32.MakeTable(crc32.Castagnoli)

// budget is how many bytes the weights of a model may take. Beyond it the smallest ones
// are left out.
func budget(classes int) int { return 200_000 + 17_000*classes }

// width is how many bytes an entry takes.
func width(classes int) int {
	if classes > 256 {
		return 3
	}
	return 2
}

// pack rounds the weights to a byte each and leaves out those that matter least.
func (m *machine) pack(labels []string) *Model {
	out := &Model{labels: labels, bias: m.bias, unknown: m.unknown, scale: make([]float32, m.classes)}
	for i, w := range m.weights {
		c := i % m.classes
		out.scale[c] = max(out.scale[c], abs(w)/127)
	}
	rows, n := m.encode(out.scale, m.small(budget(m.classes)))
	out.rows = append(binary.AppendUvarint(nil, uint64(n)), rows...)
	if err := out.index(); err != nil {
		panic("classify: a packed model doesn't read: " + err.Error()) // a mistake in this file
	}
	return out
}

// encode writes the rows without weights that are too small, and without rows that say
// nothing: those of no weight that are as rare as what is unknown, and where not all
// fits any row of no weight.
func (m *machine) encode(scale []float32, small float32) (rows []byte, n int) {
	last := 0
	var entries []byte
	for b, row := range m.row {
		if row == 0 {
			continue
		}
		entries = m.entries(entries[:0], int(row-1), scale, small)
		if len(entries) == 0 && (small > 0 || m.rarity[row-1] == m.unknown) {
			continue
		}
		rows = binary.AppendUvarint(rows, uint64(b-last))
		rows = append(rows, byte(m.rarity[row-1]*rarities))
		rows = binary.AppendUvarint(rows, uint64(len(entries)/width(m.classes)))
		rows = append(rows, entries...)
		n, last = n+1, b
	}
	return rows, n
}

// entries adds a row's weights, rounded to a byte.
func (m *machine) entries(to []byte, row int, scale []float32, small float32) []byte {
	for c, w := range m.weights[row*m.classes:][:m.classes] {
		if w == 0 || abs(w) < small {
			continue
		}
		q := math.Round(float64(w / scale[c]))
		if q == 0 {
			continue
		}
		to = append(to, byte(c))
		if width(m.classes) == 3 {
			to = append(to, byte(c>>8))
		}
		to = append(to, byte(int8(q)))
	}
	return to
}

func abs(x float32) float32 { return float32(math.Abs(float64(x))) }

// small is below which weights are left out, so that the others fit: 0 if all do. A row
// takes about four bytes if any of its weights stays.
func (m *machine) small(bytes int) float32 {
	all := make([]float32, len(m.weights))
	peak := make([]float32, len(m.rarity))
	for i, w := range m.weights {
		all[i] = abs(w)
		peak[i/m.classes] = max(peak[i/m.classes], all[i])
	}
	if 4*len(peak)+len(all)*width(m.classes) <= bytes {
		return 0
	}
	slices.Sort(all)
	slices.Sort(peak)
	kept := sort.Search(len(all), func(n int) bool {
		rows, _ := slices.BinarySearch(peak, all[len(all)-1-n])
		return 4*(len(peak)-rows)+(n+1)*width(m.classes) > bytes
	})
	if kept == 0 {
		return math.MaxFloat32
	}
	return all[len(all)-kept]
}

// index finds where each bucket's row begins, and that all rows are sound.
func (m *Model) index() error {
	n, size := binary.Uvarint(m.rows)
	if size <= 0 || n > buckets {
		return errors.New("the number of rows is wrong")
	}
	m.at = make([]uint32, buckets)
	at, b, wide := size, uint64(0), width(len(m.labels))
	for i := range n {
		distance, size := binary.Uvarint(m.rows[at:])
		b += distance
		if size <= 0 || distance >= buckets || b >= buckets || i > 0 && distance == 0 {
			return errors.New("a row is out of order")
		}
		at += size
		m.at[b] = uint32(at + 1)
		if at++; at > len(m.rows) { // the rarity
			return errors.New("a row is cut off")
		}
		entries, size := binary.Uvarint(m.rows[at:])
		if at += max(size, 0); size <= 0 || entries > uint64(len(m.labels)) || int(entries)*wide > len(m.rows)-at {
			return errors.New("a row is cut off")
		}
		for e := 0; e < int(entries); e++ {
			if class, _ := entry(m.rows[at:], wide); class >= len(m.labels) {
				return errors.New("a row names a class that isn't there")
			}
			at += wide
		}
	}
	if at != len(m.rows) {
		return errors.New("there is more than the rows")
	}
	return nil
}

// entry reads a class and its weight.
func entry(b []byte, wide int) (class int, weight int8) {
	if wide == 3 {
		return int(b[0]) | int(b[1])<<8, int8(b[2])
	}
	return int(b[0]), int8(b[1])
}

// row finds a feature: how rare it is, and its entries. They are nil if it is unknown.
func (m *Model) row(b bucket) (rare float32, entries []byte) {
	at := m.at[b]
	if at == 0 {
		return m.unknown, nil
	}
	row := m.rows[at-1:]
	n, size := binary.Uvarint(row[1:])
	return float32(row[0]) / rarities, row[1+size:][:int(n)*width(len(m.labels))]
}

// weights calls yield with each entry of a row.
func (m *Model) weights(row []byte, yield func(class int, weight int8)) {
	for wide := width(len(m.labels)); len(row) > 0; row = row[wide:] {
		yield(entry(row, wide))
	}
}

// Encode writes the model as a file.
func (m *Model) Encode() []byte {
	out := []byte(magic)
	for _, x := range []float64{m.sure.best, m.sure.lead, m.sure.base, m.threshold, m.lowest} {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(x))
	}
	out = binary.LittleEndian.AppendUint32(out, math.Float32bits(m.unknown))
	out = binary.AppendUvarint(out, uint64(len(m.labels)))
	for _, l := range m.labels {
		out = append(binary.AppendUvarint(out, uint64(len(l))), l...)
	}
	for c := range m.labels {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(m.scale[c]))
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(m.bias[c]))
	}
	out = append(out, m.rows...)
	return binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, table))
}

// Decode reads a file. The model keeps using it; don't change it.
func Decode(file []byte) (*Model, error) {
	body := len(file) - 4
	switch {
	case !bytes.HasPrefix(file, []byte(magic[:4])):
		return nil, fmt.Errorf("%w: it doesn't begin like one", ErrFile)
	case !bytes.HasPrefix(file, []byte(magic)) && !bytes.HasPrefix(file, []byte(version1)):
		return nil, fmt.Errorf("%w: its version isn't known here", ErrFile)
	case body < len(magic) || crc32.Checksum(file[:body], table) != binary.LittleEndian.Uint32(file[body:]):
		return nil, fmt.Errorf("%w: it is damaged", ErrFile)
	}
	m, err := parse(file[len(magic):body], bytes.HasPrefix(file, []byte(version1)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	return m, nil
}

// parse reads what is between the beginning and the checksum.
func parse(body []byte, old bool) (*Model, error) {
	r := reader{rest: body}
	m := &Model{}
	m.sure = certainty{r.float64(), r.float64(), r.float64()}
	m.threshold = r.float64()
	if m.lowest = -math.MaxFloat64; !old { // version 1 takes all texts for known
		m.lowest = r.float64()
	}
	m.unknown = r.float32()
	n := r.uvarint()
	if n < 2 || n > most {
		return nil, errors.New("the number of labels is wrong")
	}
	for range n {
		l := string(r.take(r.uvarint()))
		if !utf8.ValidString(l) {
			return nil, errors.New("a label isn't text")
		}
		m.labels = append(m.labels, l)
	}
	for range n {
		m.scale, m.bias = append(m.scale, r.float32()), append(m.bias, r.float32())
	}
	if r.bad {
		return nil, errors.New("it is cut off or holds impossible numbers")
	}
	m.rows = r.rest
	return m, m.index()
}

// reader takes numbers off the front of a file and remembers if one was missing.
type reader struct {
	rest []byte
	bad  bool
}

// take takes n bytes.
func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.bad = true
		return nil
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.bad = true
		return 0
	}
	r.take(uint64(size))
	return n
}

func (r *reader) float64() float64 {
	b := r.take(8)
	if b == nil {
		return 0
	}
	return r.finite(math.Float64frombits(binary.LittleEndian.Uint64(b)))
}

func (r *reader) float32() float32 {
	b := r.take(4)
	if b == nil {
		return 0
	}
	return float32(r.finite(float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))))
}

// finite refuses what is no number.
func (r *reader) finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		r.bad = true
	}
	return x
}
