package classify

import "math"

// vocabulary is which features are known and how rare they are.
type vocabulary struct {
	row     []int32   // of each bucket, from 1; 0 is unknown
	rarity  []float32 // of each row
	unknown float32   // the rarity of what was never seen
}

// learn counts in how many texts each feature is.
func learn(texts [][]count, w way) vocabulary {
	in := make([]int32, buckets)
	for _, t := range texts {
		for i, f := range t {
			if i == 0 || t[i-1].bucket != f.bucket {
				in[f.bucket]++
			}
		}
	}
	v := vocabulary{row: make([]int32, buckets), unknown: rarity(len(texts), 1, w.rarity)}
	for b, n := range in {
		if n >= w.rare {
			v.rarity = append(v.rarity, rarity(len(texts), n, w.rarity))
			v.row[b] = int32(len(v.rarity))
		}
	}
	return v
}

// rarities is how fine a rarity is kept: it goes into a byte, so up to 16.
const rarities = 16

// rarity is what a feature weighs that is in n of all texts, as a file can keep it.
func rarity(all int, n int32, power float64) float32 {
	exact := math.Pow(math.Log(float64(all+1)/float64(n+1))+1, power)
	return float32(min(math.Round(exact*rarities), 255)) / rarities
}

// vector is a text as the machine sees it: the rows of known features, and how much
// each weighs in this text.
type vector struct {
	rows   []int32
	values []float32
}

// norms are how long the two halves of a text are: whole words and runs of letters. Each
// half counts as much as the other, however many features it has. What is unknown
// belongs to the length: a text of unknown words is like none of the classes.
type norms struct{ whole, part float64 }

// add counts a feature of a weight.
func (n *norms) add(whole bool, x float32) {
	if whole {
		n.whole += float64(x) * float64(x)
	} else {
		n.part += float64(x) * float64(x)
	}
}

// scale is what the features of a half are multiplied by.
func (n norms) scale(whole bool) float32 {
	length := n.part
	if whole {
		length = n.whole
	}
	if length == 0 {
		return 0
	}
	return float32(math.Sqrt2 / 2 / math.Sqrt(length))
}

// vector weighs a text's features.
func (v *vocabulary) vector(text []count) vector {
	out := vector{make([]int32, 0, len(text)), make([]float32, 0, len(text))}
	whole := make([]bool, 0, len(text))
	var n norms
	for _, f := range text {
		row, rare := v.row[f.bucket], v.unknown
		if row > 0 {
			rare = v.rarity[row-1]
		}
		x := term(f.n) * rare
		n.add(f.whole, x)
		if row > 0 {
			out.rows, out.values, whole = append(out.rows, row-1), append(out.values, x), append(whole, f.whole)
		}
	}
	for i := range out.values {
		out.values[i] *= n.scale(whole[i])
	}
	return out
}
