//go:build ignore

// Command gen is a generator, as a function's folder may have one: another package,
// which the builder would stumble over.
package main

func main() {}
