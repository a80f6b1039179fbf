package guard

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm   = "GOOG4-RSA-SHA256"
	scopeSuffix = "/auto/storage/goog4_request"
	stamp       = "20060102T150405Z"
	longest     = 7 * 24 * time.Hour
	// clockSkew is how far ahead of the verifier's a signer's clock may be.
	clockSkew = 15 * time.Minute
)

// Signer is an account that signs URLs: its e-mail address and the public half
// of its key.
type Signer struct {
	Account string
	Key     *rsa.PublicKey
}

// verify checks a V4 signed request: what was signed is rebuilt from the
// request as it arrived, so that any difference breaks the signature.
// https://cloud.google.com/storage/docs/authentication/canonical-requests
func (s Signer) verify(r *http.Request, now time.Time) *refusal {
	query := r.URL.Query()
	if query.Get("X-Goog-Algorithm") != algorithm {
		return refuse(http.StatusBadRequest, "InvalidArgument", "X-Goog-Algorithm must be "+algorithm+".")
	}
	signedAt, err := time.Parse(stamp, query.Get("X-Goog-Date"))
	if err != nil {
		return refuse(http.StatusBadRequest, "InvalidArgument", "X-Goog-Date is not a time.")
	}
	if refused := checkTimes(query, signedAt, now); refused != nil {
		return refused
	}
	scope := signedAt.Format("20060102") + scopeSuffix
	if query.Get("X-Goog-Credential") != s.Account+"/"+scope {
		return mismatch("X-Goog-Credential is not an account and day that this emulator knows.")
	}
	signed := strings.Split(query.Get("X-Goog-SignedHeaders"), ";")
	if refused := checkSignedHeaders(r, signed); refused != nil {
		return refused
	}
	signature, err := hex.DecodeString(query.Get("X-Goog-Signature"))
	if err != nil {
		return mismatch("X-Goog-Signature is not hexadecimal.")
	}
	request := sha256.Sum256([]byte(canonical(r, query, signed)))
	text := strings.Join([]string{algorithm, query.Get("X-Goog-Date"), scope, hex.EncodeToString(request[:])}, "\n")
	digest := sha256.Sum256([]byte(text))
	if rsa.VerifyPKCS1v15(s.Key, crypto.SHA256, digest[:], signature) != nil {
		return mismatch("The request signature we calculated does not match the signature you provided. Check method, path, query and headers.")
	}
	return nil
}

func mismatch(message string) *refusal {
	return refuse(http.StatusForbidden, "SignatureDoesNotMatch", message)
}

// checkTimes refuses a URL before its time, after it, or of a too long life.
func checkTimes(query url.Values, signedAt, now time.Time) *refusal {
	seconds, err := strconv.Atoi(query.Get("X-Goog-Expires"))
	life := time.Duration(seconds) * time.Second
	switch {
	case err != nil || seconds <= 0 || life > longest:
		return refuse(http.StatusBadRequest, "InvalidArgument", "X-Goog-Expires must be between 1 and 604800 seconds.")
	case signedAt.After(now.Add(clockSkew)):
		return refuse(http.StatusForbidden, "AccessDenied", "The URL is signed for a time to come.")
	case now.After(signedAt.Add(life)):
		return refuse(http.StatusBadRequest, "ExpiredToken", "The provided token has expired.")
	}
	return nil
}

// checkSignedHeaders wants the host and every x-goog- header to be signed: one
// that the signer did not see could lift a limit or add metadata.
func checkSignedHeaders(r *http.Request, signed []string) *refusal {
	known := map[string]bool{}
	for _, name := range signed {
		known[name] = true
	}
	if !known["host"] {
		return mismatch("The host header is not signed.")
	}
	for name := range r.Header {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-goog-") && !known[name] {
			return mismatch("The header " + name + " is not signed.")
		}
	}
	return nil
}

// canonical is the text that stands for a request when it is signed.
func canonical(r *http.Request, query url.Values, signed []string) string {
	unsigned := url.Values{}
	for name, values := range query {
		if name != "X-Goog-Signature" {
			unsigned[name] = values
		}
	}
	sort.Strings(signed)
	var headers strings.Builder
	for _, name := range signed {
		headers.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	payload := r.Header.Get("X-Goog-Content-Sha256")
	if payload == "" {
		payload = "UNSIGNED-PAYLOAD"
	}
	return strings.Join([]string{
		r.Method,
		escapePath(r.URL.Path),
		strings.ReplaceAll(unsigned.Encode(), "+", "%20"),
		headers.String(),
		strings.Join(signed, ";"),
		payload,
	}, "\n")
}

// headerValue is a header as it is signed: lists joined, spaces collapsed. The
// host goes without its port, as Google's client signs it.
func headerValue(r *http.Request, name string) string {
	switch name {
	case "host":
		if host, _, err := net.SplitHostPort(r.Host); err == nil {
			return host
		}
		return r.Host
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	}
	return strings.Join(strings.Fields(strings.Join(r.Header.Values(name), ",")), " ")
}

// escapePath percent-encodes all but unreserved characters and slashes,
// whatever spelling the path arrived in.
func escapePath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = strings.ReplaceAll(url.QueryEscape(segment), "+", "%20")
	}
	return strings.Join(segments, "/")
}
