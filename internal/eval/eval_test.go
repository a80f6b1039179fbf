package eval

import "testing"

const data = "../../testdata/datasets"

// The whole takes minutes (make eval); this much is seen by every test run.
func TestRealITMailsAreRoutedAsWellAsBefore(t *testing.T) {
	all, err := Load(data, false, "itsd")
	if err != nil {
		t.Fatal(err)
	}
	f, err := Cross("ITSD", all)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(f.Row())
	if f.Accuracy < f.Majority+0.3 || f.Accuracy < 0.80 {
		t.Errorf("%.3f are right; naming the commonest topic reaches %.3f", f.Accuracy, f.Majority)
	}
	if f.RightWhenSure < 0.935 || f.Sure < 0.55 {
		t.Errorf("%.3f of those it is sure of are right, and it is sure of %.3f", f.RightWhenSure, f.Sure)
	}
	if f.Calibration > 0.03 {
		t.Errorf("probabilities are off by %.3f on average", f.Calibration)
	}
	if f.Bytes > 500_000 {
		t.Errorf("the model has %d bytes", f.Bytes)
	}
}
