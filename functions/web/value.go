package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// value is a parameter, a header or a property.
type value struct {
	Name, In, About string
	Kind            kind
	Mark            string // "required" in requests, "optional" in answers
	Choices         []string
	Notes           []string // limits and default, in words
}

// kind says what sort of value it is; Schema is linked, between Before and After.
type kind struct{ Before, Schema, After string }

// values are the properties of a schema. In a request it matters which are required,
// in an answer which may be missing.
func values(s schema, request bool) []value {
	var out []value
	for _, p := range s.Properties {
		required := slices.Contains(s.Required, p.Name)
		m := mark(!required, "optional")
		if request {
			m = mark(required, "required")
		}
		out = append(out, view(p.Name, "", m, p.Value))
	}
	return out
}

func mark(on bool, word string) string {
	if on {
		return word
	}
	return ""
}

func view(name, in, mark string, s schema) value {
	return value{Name: name, In: in, Mark: mark, About: s.Description, Kind: kindOf(s), Choices: s.Enum, Notes: notes(s)}
}

// kindOf says in words what values the schema takes.
func kindOf(s schema) kind {
	if s.Ref != "" {
		return kind{Schema: s.target()}
	}
	if len(s.AnyOf) > 0 {
		k := kindOf(s.AnyOf[0])
		k.After += " or null"
		return k
	}
	if len(s.Type) == 0 {
		return kind{Before: "any value"}
	}
	k := kind{Before: s.Type[0]}
	if s.Format == "date-time" {
		k.Before = "time"
	}
	if s.Items != nil {
		of := kindOf(*s.Items)
		k = kind{"list of " + of.Before, of.Schema, of.After}
	}
	if slices.Contains(s.Type, "null") {
		k.After += " or null"
	}
	return k
}

// notes are the schema's limits and default in words.
func notes(s schema) []string {
	var out []string
	add := func(format string, n *int) {
		if n != nil {
			out = append(out, fmt.Sprintf(format, *n))
		}
	}
	add("at least %d characters", s.MinLength)
	add("up to %d characters", s.MaxLength)
	add("at least %d items", s.MinItems)
	add("up to %d items", s.MaxItems)
	if s.Minimum != nil && s.Maximum != nil {
		out = append(out, number(*s.Minimum)+" to "+number(*s.Maximum))
	}
	if s.Default != nil {
		out = append(out, strings.Trim(string(s.Default), `"`)+" unless you say otherwise")
	}
	return out
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
