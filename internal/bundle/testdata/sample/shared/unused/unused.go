// Package unused is needed by no function, nor is the library that it imports.
package unused

import "golang.org/x/time/rate"

// Limit is unused.
const Limit rate.Limit = 1
