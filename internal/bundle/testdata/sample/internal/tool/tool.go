// Package tool is for the repository alone.
package tool
