// Package name has a name.
package name

// Short is the name.
const Short = "Ada"
