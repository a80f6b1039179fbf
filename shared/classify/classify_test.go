package classify

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// examples are tickets made of words that belong to a department and of words that
// belong to none. Every tenth has another department's word.
func examples(n int) []Example {
	of := map[string][]string{
		"it":       {"laptop", "password", "printer", "wifi", "screen", "keyboard"},
		"people":   {"salary", "holiday", "contract", "pension", "leave", "payslip"},
		"building": {"heating", "door", "window", "lift", "toilet", "lamp"},
	}
	labels := []string{"it", "people", "building"}
	filler := strings.Fields("please the my is since yesterday hello broken could you look thanks today again")
	random := rand.New(rand.NewPCG(7, 7))
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	var out []Example
	for i := range n {
		label := labels[i%3]
		words := []string{pick(of[label]), pick(filler), pick(filler), pick(of[label])}
		if i%10 == 0 {
			words = append(words, pick(of[pick(labels)]))
		}
		random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		out = append(out, Example{fmt.Sprint(strings.Join(words, " "), " ", i), label})
	}
	return out
}

func trained(t testing.TB) *Model {
	t.Helper()
	m, err := Train(examples(300))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAModelDecidesAndSaysWhy(t *testing.T) {
	got := trained(t).Predict("Hello, my PASSWORD for the laptop is gone. Thanks!")
	if best := got.Guesses[0]; best.Label != "it" || best.Probability < 0.8 || !got.Sure {
		t.Errorf("a ticket about passwords goes to %+v, sure %v", best, got.Sure)
	}
	if !slices.Contains(got.Reasons[:2], "password") || !slices.Contains(got.Reasons[:2], "laptop") {
		t.Errorf("the reasons are %v", got.Reasons)
	}
	if len(got.Guesses) != 3 {
		t.Fatalf("there are %d guesses, not 3", len(got.Guesses))
	}
	sum := 0.0
	for i, g := range got.Guesses {
		sum += g.Probability
		if i > 0 && g.Probability > got.Guesses[i-1].Probability {
			t.Errorf("guess %d is likelier than the one before: %v", i, got.Guesses)
		}
	}
	if sum > 1.000001 {
		t.Errorf("the probabilities add up to %v", sum)
	}
}

func TestAModelIsNotSureAboutWhatItNeverSaw(t *testing.T) {
	m := trained(t)
	for _, text := range []string{"", "?!", "δεν λειτουργεί", "zzzz qqqq"} {
		if got := m.Predict(text); got.Sure || len(got.Guesses) != 3 {
			t.Errorf("%q: sure %v, guesses %v", text, got.Sure, got.Guesses)
		}
	}
}

func TestShuffledLabelsAreNeverSure(t *testing.T) {
	all := examples(300)
	random := rand.New(rand.NewPCG(3, 3))
	for i := range all {
		j := random.IntN(i + 1)
		all[i].Label, all[j].Label = all[j].Label, all[i].Label
	}
	m, err := Train(all)
	if err != nil {
		t.Fatal(err)
	}
	sure := 0
	for _, e := range examples(600)[300:] {
		if m.Predict(e.Text).Sure {
			sure++
		}
	}
	if sure > 15 {
		t.Errorf("trained on noise it is sure %d times of 300", sure)
	}
}

func TestTrainingTwiceGivesTheSameFile(t *testing.T) {
	if !bytes.Equal(trained(t).Encode(), trained(t).Encode()) {
		t.Error("the files differ")
	}
}

func TestTrainingNeedsTwoLabels(t *testing.T) {
	for _, few := range [][]Example{nil, {{"a", "x"}, {"b", "x"}}} {
		if _, err := Train(few); err == nil {
			t.Errorf("%d examples of one label were enough", len(few))
		}
	}
}

func TestAModelOfManyClassesFits(t *testing.T) {
	var all []Example
	for i := range 900 {
		all = append(all, Example{fmt.Sprintf("topic%d about", i%300), fmt.Sprint(i % 300)})
	}
	m, err := Train(all)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Decode(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Predict("about topic287").Guesses[0].Label; got != "287" {
		t.Errorf("topic 287 of 300 is taken for %s", got)
	}
}

func TestAFileReadsAsItWasWritten(t *testing.T) {
	m := trained(t)
	again, err := Decode(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples(30) {
		if a, b := fmt.Sprint(m.Predict(e.Text)), fmt.Sprint(again.Predict(e.Text)); a != b {
			t.Errorf("%q: %s before, %s after", e.Text, a, b)
		}
	}
}

// Each was written by the first package that knew the version, and is never written anew.
var versions = []string{"testdata/version1.base64", "testdata/version2.base64"}

func TestAFileOfEachVersionReadsForEver(t *testing.T) {
	for _, name := range versions {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(text), "\n", ""))
		if err != nil {
			t.Fatal(err)
		}
		m, err := Decode(file)
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string]string{"my laptop": "it", "payslip and salary": "people", "the door": "building"} {
			if got := m.Predict(text).Guesses[0].Label; got != want {
				t.Errorf("%s: %q goes to %s, not %s", name, text, got, want)
			}
		}
	}
}

func TestEveryDamageIsFound(t *testing.T) {
	file := trained(t).Encode()
	for _, n := range []int{0, 3, 4, 5, 8, 40, len(file) / 2, len(file) - 1} {
		if _, err := Decode(file[:n]); !errors.Is(err, ErrFile) {
			t.Errorf("cut off at %d: %v", n, err)
		}
	}
	for at := 0; at < len(file); at += 97 {
		bad := slices.Clone(file)
		bad[at] ^= 0x10
		if _, err := Decode(bad); !errors.Is(err, ErrFile) {
			t.Errorf("byte %d changed: %v", at, err)
		}
	}
}

// FuzzDecode gives any bytes a right checksum, so that what is behind it is reached.
func FuzzDecode(f *testing.F) {
	small, err := Train(examples(12))
	if err != nil {
		f.Fatal(err)
	}
	file := small.Encode()
	f.Add(file[len(magic) : len(file)-4])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		file := append([]byte(magic), body...)
		file = binary.LittleEndian.AppendUint32(file, crc32.Checksum(file, table))
		m, err := Decode(file)
		if err != nil {
			if !errors.Is(err, ErrFile) {
				t.Errorf("an unclear error: %v", err)
			}
			return
		}
		m.Predict("my laptop is broken")
	})
}

func BenchmarkPredictShort(b *testing.B) {
	m := trained(b)
	for b.Loop() {
		m.Predict("Hello, my password for the laptop is gone, please help me.")
	}
}

func BenchmarkPredictLong(b *testing.B) {
	m := trained(b)
	text := strings.Repeat("Hello, my password for the laptop is gone, and the screen stays dark. ", 100)
	for b.Loop() {
		m.Predict(text)
	}
}

func BenchmarkDecode(b *testing.B) {
	file := trained(b).Encode()
	for b.Loop() {
		if _, err := Decode(file); err != nil {
			b.Fatal(err)
		}
	}
}
