// Package classify sorts short and long texts into classes after examples: which
// department a ticket belongs to, for instance. It is the core of the learned router,
// pure, without any download: it knows no ticket, no store and no clock.
//
// A text becomes counts of its words, word pairs and runs of two to five letters, hashed
// into places, weighted by how rare they are and, where that decides better, by how telling.
// A linear machine for each class scores it. Three more numbers, fitted on texts that
// the machine hadn't seen (cross-validation inside training), turn the scores into the
// probability that the best class is right. A threshold, and a lowest score for texts
// that are like nothing known, say when a
// person should decide.
//
// A model is one file ([Model.Encode], [Decode]): versioned, weights of a byte each, with
// a checksum. Each version decodes for ever (testdata/version*.base64). Training with the
// same examples gives the same bytes.
//
// It doesn't know languages: a model trained on English texts is right about English
// texts only.
package classify
