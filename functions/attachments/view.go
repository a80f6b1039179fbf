package attachments

import (
	"time"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/desk"
)

// Attachment is a file as clients see it.
type Attachment struct {
	ID           string     `json:"id" doc:"Opaque and permanent." example:"f4t8k2m9x3w7q1z5r6vb"`
	Ticket       string     `json:"ticket" doc:"The ticket's id." example:"k3v9x2m4p8q1w7z5t6rb"`
	Comment      *string    `json:"comment" doc:"The comment that it belongs to, if any."`
	Name         string     `json:"name" example:"smoke.png"`
	Type         string     `json:"type" doc:"Media type." example:"image/png"`
	Size         int64      `json:"size" doc:"In bytes." example:"48213"`
	SHA256       string     `json:"sha256" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"`
	State        string     `json:"state" enum:"uploading,scanning,clean,rejected" doc:"Only what is clean can be had." example:"clean"`
	Reason       *string    `json:"reason" doc:"Why it was rejected."`
	Internal     bool       `json:"internal" doc:"True for a file that only staff of the ticket see."`
	Thumbnail    bool       `json:"thumbnail" doc:"It has a small picture." example:"true"`
	Uploader     string     `json:"uploader" doc:"Person id." example:"uma"`
	UploaderName string     `json:"uploader_name" example:"Uma Yılmaz"`
	CreatedAt    time.Time  `json:"created_at" doc:"When it was asked for." example:"2026-11-05T09:30:00.000Z"`
	CheckedAt    *time.Time `json:"checked_at" doc:"When it was found clean, or rejected."`
}

func view(f desk.Attachment) Attachment {
	v := Attachment{
		ID: string(f.ID), Ticket: string(f.Ticket), Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.SHA256, State: string(f.State), Internal: f.Internal,
		Thumbnail: f.Thumbnail != "", Uploader: string(f.Uploader), UploaderName: f.UploaderName, CreatedAt: f.CreatedAt,
	}
	if f.Comment != "" {
		v.Comment = (*string)(&f.Comment)
	}
	if f.Reason != "" {
		v.Reason = &f.Reason
	}
	if !f.CheckedAt.IsZero() {
		v.CheckedAt = &f.CheckedAt
	}
	return v
}

// NewAttachment is a file that is to come.
type NewAttachment struct {
	Attachment
	Upload *Upload `json:"upload" doc:"How to send the content; null when it came already."`
}

// Upload is the one request that sends a file's content.
type Upload struct {
	Method    string            `json:"method" example:"PUT"`
	URL       string            `json:"url" doc:"Where to. Whoever has it can send this one file, so keep it to yourself." example:"https://storage.googleapis.com/quarantine/f4t8k2m9x3w7q1z5r6vb?X-Goog-Signature=…"`
	Headers   map[string]string `json:"headers" doc:"To be sent exactly so." example:"{\"Content-Type\": \"image/png\", \"X-Goog-Content-Length-Range\": \"48213,48213\", \"X-Goog-If-Generation-Match\": \"0\"}"`
	ExpiresIn int               `json:"expires_in" doc:"Seconds that the link is good for." example:"900"`
}

func upload(l *blob.Link) *Upload {
	if l == nil {
		return nil
	}
	return &Upload{Method: l.Method, URL: l.URL, Headers: l.Header, ExpiresIn: desk.UploadLifetime}
}

// Download is where a file's content can be got for a short time.
type Download struct {
	Name      string `json:"name" example:"smoke.png"`
	Type      string `json:"type" doc:"As which it is served." example:"image/png"`
	URL       string `json:"url" doc:"Whoever has it can get the file until it ends." example:"https://storage.googleapis.com/clean/f4t8k2m9x3w7q1z5r6vb?X-Goog-Signature=…"`
	ExpiresIn int    `json:"expires_in" doc:"Seconds that the link is good for." example:"300"`
}
