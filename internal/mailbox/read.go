package mailbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
)

// Mail is one message as it came.
type Mail struct {
	At      time.Time           `json:"at"`   // by the real clock
	From    string              `json:"from"` // of the envelope, as are those it is to
	To      []string            `json:"to"`
	Subject string              `json:"subject"`
	Header  map[string][]string `json:"header"` // as it stands, but for words that were encoded
	Text    string              `json:"text"`
	HTML    string              `json:"html"`
	Raw     string              `json:"raw"`
}

// read takes a message apart.
func read(raw []byte) (Mail, error) {
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Mail{}, err
	}
	m := Mail{Header: map[string][]string{}, Raw: string(raw)}
	var words mime.WordDecoder
	for name, values := range msg.Header {
		for _, v := range values {
			if plain, err := words.DecodeHeader(v); err == nil {
				v = plain
			}
			m.Header[name] = append(m.Header[name], v)
		}
	}
	m.Subject = strings.Join(m.Header["Subject"], "")
	return m, m.part(msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body)
}

// part reads a part and what is in it. The first text of each kind is the mail's.
func (m *Mail) part(kind, encoding string, body io.Reader) error {
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		media = "text/plain"
	}
	if strings.HasPrefix(media, "multipart/") {
		return m.parts(multipart.NewReader(body, params["boundary"]))
	}
	content, err := io.ReadAll(decoded(encoding, body))
	if err != nil {
		return err
	}
	switch text := strings.ReplaceAll(string(content), "\r\n", "\n"); {
	case media == "text/plain" && m.Text == "":
		m.Text = text
	case media == "text/html" && m.HTML == "":
		m.HTML = text
	}
	return nil
}

func (m *Mail) parts(r *multipart.Reader) error {
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := m.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p); err != nil {
			return err
		}
	}
}

// decoded undoes a transfer encoding.
func decoded(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}
