package quarantine

import (
	"bytes"
	"image"
	_ "image/gif" // formats that can be attached
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // likewise
)

// Limits of small pictures, in pixels. A few bytes can claim to be a picture of any size,
// so the claim is read first and what is too large is never drawn.
const (
	smallSide = 320
	maxPixels = 25_000_000
	maxSide   = 20_000
)

// Thumbnail draws an image small and returns it with its type, "" for what is no image, is
// too large to be drawn, or is broken. It is drawn from pixels, so nothing else of the file
// (positions, names of cameras, whatever is hidden in it) is in it.
func Thumbnail(kind string, content []byte) (picture []byte, as string) {
	switch kind {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
	default:
		return nil, ""
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || size.Width < 1 || size.Height < 1 || size.Width > maxSide || size.Height > maxSide || size.Width*size.Height > maxPixels {
		return nil, ""
	}
	full, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, ""
	}
	small := image.NewRGBA(fit(full.Bounds()))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), full, full.Bounds(), draw.Src, nil)
	var out bytes.Buffer
	if as = kind; kind == "image/jpeg" {
		err = jpeg.Encode(&out, small, nil)
	} else {
		as, err = "image/png", png.Encode(&out, small)
	}
	if err != nil {
		return nil, ""
	}
	return out.Bytes(), as
}

// fit is the largest size of the same shape within a small square, never larger than it is.
func fit(b image.Rectangle) image.Rectangle {
	w, h := b.Dx(), b.Dy()
	if longest := max(w, h); longest > smallSide {
		w, h = max(1, w*smallSide/longest), max(1, h*smallSide/longest)
	}
	return image.Rect(0, 0, w, h)
}
