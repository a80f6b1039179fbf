package blob

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"ticketsystem.example/shared/fault"
)

// The headers that limit a signed upload, in Cloud Storage's words.
const (
	lengthRange     = "X-Goog-Content-Length-Range"
	generationMatch = "X-Goog-If-Generation-Match"
)

// UploadHeader is what a link for an upload signs, and its holder must send: the type,
// exactly the size, and that there is no such object yet.
func UploadHeader(u Upload) map[string]string {
	size := strconv.FormatInt(u.Size, 10)
	return map[string]string{"Content-Type": u.Type, lengthRange: size + "," + size, generationMatch: "0"}
}

// DownloadQuery is what a link for a download signs beside the object: how the answer
// presents it.
func DownloadQuery(d Download) url.Values {
	return url.Values{"response-content-type": {d.Type}, "response-content-disposition": {d.Disposition}}
}

// Check refuses a name that can't be an object's. It is a mistake of ours: names are not
// what people call their files.
func Check(r Ref) error {
	if (r.Bucket != Quarantine && r.Bucket != Clean && r.Bucket != Mail) || !ValidName(r.Name) {
		return fmt.Errorf("blob: %q in %q is no object's name", r.Name, r.Bucket)
	}
	return nil
}

// CheckUpload refuses to sign what binds nothing.
func CheckUpload(to Ref, u Upload) error {
	if u.Size < 1 || u.Type == "" || ParseType(u.Type) != u.Type {
		return fmt.Errorf("blob: an upload of %d bytes and type %q can't be signed", u.Size, u.Type)
	}
	return checkLink(to, u.Lifetime)
}

// CheckDownload refuses to sign a download that the storage would present by itself.
func CheckDownload(from Ref, d Download) error {
	if ParseType(d.Type) != d.Type || d.Type == "" || d.Disposition == "" {
		return fmt.Errorf("blob: a download must say its type and disposition")
	}
	return checkLink(from, d.Lifetime)
}

func checkLink(r Ref, life time.Duration) error {
	if life < time.Second || life > Longest {
		return fmt.Errorf("blob: a link can't live for %v", life)
	}
	if r.Bucket == Mail {
		return fmt.Errorf("blob: no link to a mail is given out: nobody has checked it")
	}
	return Check(r)
}

// TooLarge is what Get says of an object that has more bytes than its caller takes.
func TooLarge(r Ref, most int64) error {
	return fault.New(fault.Invalid, "too_large", "%s has more than %d bytes", r.Name, most)
}
