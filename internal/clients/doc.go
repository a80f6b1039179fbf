// Package clients judges the API's description as those will who make a client of it:
// with the linters that they use, and with clients that generators make, compiled and
// run. Nothing of it is deployed.
//
// Ideas:
//
//   - The description is functions/web/openapi.json as it is served. Spectral and Redocly
//     have all their rules on but for those that spectral.yaml and redocly.yaml switch
//     off, each with its reason.
//   - A client is made for TypeScript (openapi-typescript, client.ts) and one for Go
//     (oapi-codegen, testdata/go). A small program uses each against the functions
//     themselves over the in-memory twin: types that can't be used, or that don't fit
//     what comes back, fail here and not at a client developer's.
//   - The programs for Node are installed once into the cache, as for internal/listen;
//     what the Go client needs is a module of its own, which no function ever sees.
//
// A typical use:
//
//	go test ./internal/clients -run Lint
package clients
