package tickets

import "ticketsystem.example/shared/desk"

// Snippet shows where a ticket has the words that were looked for.
type Snippet struct {
	In      string        `json:"in" enum:"title,description,reply,note,tag,file,requester" doc:"The text it is from." example:"reply"`
	Comment *string       `json:"comment" doc:"The comment's id, for a reply or a note." example:"k3v9x2m4p8q1w7z5t6rb-000004"`
	Parts   []SnippetPart `json:"parts" doc:"The text around the first of the words, in order. White space is single spaces, … is what was left out."`
}

// SnippetPart is a piece of a snippet. It is plain text, not HTML.
type SnippetPart struct {
	Text string `json:"text" doc:"As it is written." example:"printer"`
	Hit  bool   `json:"hit" doc:"True for a word that was looked for." example:"true"`
}

func viewSnippet(s *desk.Snippet) *Snippet {
	if s == nil {
		return nil
	}
	v := &Snippet{In: s.In, Comment: text(s.Comment)}
	for _, p := range s.Parts {
		v.Parts = append(v.Parts, SnippetPart(p))
	}
	return v
}
