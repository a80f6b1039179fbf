package language

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestTheLanguageOfATicketIsFound(t *testing.T) {
	for text, want := range map[string]string{
		"My laptop does not start any more, could you please help me?":       "en",
		"Yazıcı bu sabahtan beri çalışmıyor, yardım eder misiniz?":           "tr",
		"Der Drucker im zweiten Stock druckt seit heute Morgen nicht mehr.":  "de",
		"L'imprimante ne fonctionne plus depuis ce matin, merci de m'aider.": "fr",
		"الطابعة لا تعمل منذ هذا الصباح، هل يمكنكم المساعدة؟":                "ar",
		"Принтер не работает с сегодняшнего утра, помогите, пожалуйста.":     "ru",
		"打印机从今天早上开始就不能用了，请帮忙。":                                               "zh",
		"今朝からプリンターが動きません。助けてください。":                                           "ja",
	} {
		if got := Detect(text); got != want {
			t.Errorf("%q is taken for %q, not %q", text, got, want)
		}
	}
}

func TestWhatHasNoLanguageGetsNone(t *testing.T) {
	for _, text := range []string{"", "   ", "12345 67890", "?!?", "TKT-202611-0042", "\xff\xfe", "Zzyzx", strings.Repeat("-é", 5)} {
		if got := Detect(text); got != "" {
			t.Errorf("%q is taken for %q", text, got)
		}
	}
}

func TestManyLanguagesAreKnown(t *testing.T) {
	if n := len(Known()); n != 21 {
		t.Errorf("%d languages, not 21", n)
	}
}

// The goal is 30 ms on a quiet machine and 20 MB. How long it takes is measured by the
// benchmark; a test on a busy machine only sees what is far too slow.
func TestTheFirstQuestionIsCheap(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	if model, err := read(); err != nil || !model.Predict("Where is my order?").Sure {
		t.Fatalf("it isn't sure, or: %v", err)
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if took > time.Second {
		t.Errorf("the first answer took %v", took)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 20_000_000 {
		t.Errorf("%d bytes", grown)
	}
}

func BenchmarkFirstQuestion(b *testing.B) {
	for b.Loop() {
		m, err := read()
		if err != nil {
			b.Fatal(err)
		}
		m.Predict("Where is my order?")
	}
}

func BenchmarkDetect(b *testing.B) {
	for b.Loop() {
		Detect("My laptop does not start any more, could you please help me?")
	}
}
