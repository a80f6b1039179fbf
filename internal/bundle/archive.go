package bundle

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"io"
	"slices"
	"strings"
)

// firstDay is 1980-01-01, the first day that the zip format knows.
const firstDay = 1<<5 | 1

// archive writes the files in the order of their names.
//
// They are stored, not compressed, with their sizes in front of them: a compressor's
// output may change with the version of Go, and readers that work on a stream accept
// stored files only so. Sources are small enough.
func archive(w io.Writer, files []file) (Info, error) {
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	var info Info
	for _, f := range files {
		if err := store(z, f); err != nil {
			return Info{}, err
		}
		info.Files = append(info.Files, f.name)
	}
	if err := z.Close(); err != nil {
		return Info{}, err
	}
	sum := sha256.Sum256(buf.Bytes())
	info.SHA256, info.Bytes = hex.EncodeToString(sum[:]), int64(buf.Len())
	_, err := w.Write(buf.Bytes())
	return info, err
}

func store(z *zip.Writer, f file) error {
	h := &zip.FileHeader{
		Name:               f.name,
		Method:             zip.Store,
		CRC32:              crc32.ChecksumIEEE(f.content),
		CompressedSize64:   uint64(len(f.content)),
		UncompressedSize64: uint64(len(f.content)),
		ModifiedDate:       firstDay, //lint:ignore SA1019 CreateRaw writes this field and not Modified
	}
	h.SetMode(0o644)
	out, err := z.CreateRaw(h)
	if err != nil {
		return err
	}
	_, err = out.Write(f.content)
	return err
}
