package classify

import "math"

// doubt is how many times more each feature is taken to have been seen in each class, and
// outside of it: what was seen once says little.
const doubt = 0.3

// telling is, of each weight, how much more often its feature is in texts of its class
// than in others, or less often: the size of the logarithm of the ratio (Wang and
// Manning, 2012). Such features learn faster, which helps where texts are long and
// most of what they say is about anything.
func (m *machine) telling(texts []vector, class []int) []float32 {
	in := make([]float32, len(m.rarity)*m.classes)
	all := make([]float32, len(m.rarity))
	of := make([]float64, m.classes)
	for i, v := range texts {
		of[class[i]]++
		for _, row := range v.rows {
			in[int(row)*m.classes+class[i]]++
			all[row]++
		}
	}
	logs := make([]float64, m.classes)
	for c, n := range of {
		logs[c] = math.Log((n + 2*doubt) / (float64(len(texts)) - n + 2*doubt))
	}
	for row, n := range all {
		for c := range m.classes {
			p := float64(in[row*m.classes+c])
			in[row*m.classes+c] = float32(math.Abs(math.Log((p+doubt)/(float64(n)-p+doubt)) - logs[c]))
		}
	}
	m.even(in, texts)
	return in
}

// even makes the paces of each class such that its texts are of size 1 on average.
func (m *machine) even(pace []float32, texts []vector) {
	mean := make([]float32, m.classes)
	for _, v := range texts {
		for j, row := range v.rows {
			x := v.values[j] * v.values[j] / float32(len(texts))
			for c, p := range pace[int(row)*m.classes:][:m.classes] {
				mean[c] += x * p
			}
		}
	}
	for i := range pace {
		if by := mean[i%m.classes]; by > 0 {
			pace[i] /= by
		}
	}
}

// sizes are how long each text is for each class, its bias counted.
func (m *machine) sizes(texts []vector) []float32 {
	out := make([]float32, len(texts)*m.classes)
	for i, v := range texts {
		size := out[i*m.classes:][:m.classes]
		plain := float32(0)
		for j, row := range v.rows {
			x := v.values[j] * v.values[j]
			plain += x
			if m.pace != nil {
				for c, p := range m.pace[int(row)*m.classes:][:m.classes] {
					size[c] += x * p
				}
			}
		}
		for c := range size {
			if m.pace == nil {
				size[c] = plain
			}
			size[c]++
		}
	}
	return out
}
