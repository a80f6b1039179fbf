// Package serve is the edge: what stands between HTTP and the use cases.
//
// Ideas:
//
//   - A request goes through one chain (Guard): log line and recovery, limits, token to
//     actor, then a typed handler. Handlers decode, make one call and return; they
//     never write errors themselves. One function, problem, turns any error into an
//     RFC 9457 answer that says what to do and nothing about our insides.
//   - Nothing is open unless a function says so: a request without a valid token ends
//     before the router.
//   - Operations are typed (huma), so that the OpenAPI document is made of the very
//     types that decode and validate.
//   - Events come in by the same door as Pub/Sub push requests (Event). An error asks
//     for another delivery; what can never work is buried at once.
//   - A function is built at its first request (Lazy) and tried again if that fails.
//
// It does not know the cloud; identities and databases are handed in.
package serve
