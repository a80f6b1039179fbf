package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// floor does with Google's plain client what an operation did to Firestore, and
// nothing else: it is the least that the operation could cost.
//
// Documents and queries are read where the operation reads them. Writes go to a
// database of the floor's own, so that no function acts on them; they have the
// recorded content, and ids of the recorded length.
type floor struct {
	db     *firestore.Client
	reads  []string // paths of documents; mark stands for a work ticket's id
	query  *firestore.Query
	writes []write
	ids    []string // of the work tickets
}

// mark stands in a path where the recorded run had the id of the ticket it worked on.
const mark = "{ticket}"

// write is one write of the recorded commit.
type write struct {
	path   string
	fields map[string]any
	add    []string // fields that are increments, by one; fields is nil then
	remove bool
	create bool // it must be a new document
}

// plainClient is Google's client on a connection of its own: by itself it would take
// the emulator that the environment names, which under "make test" is another one.
func plainClient(ctx context.Context, emulator, project, database string) (*firestore.Client, error) {
	conn, err := grpc.NewClient(emulator,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(owner{}))
	if err != nil {
		return nil, err
	}
	return firestore.NewClientWithDatabase(ctx, project, database, option.WithGRPCConn(conn))
}

// owner makes the emulator pass over the security rules, as a service account does.
type owner struct{}

func (owner) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer owner"}, nil
}

func (owner) RequireTransportSecurity() bool { return false }

// newFloor makes the floor of a recorded run that worked on the given ticket, if any.
// ids are those of the work tickets, which db and copies both hold; db is only read.
func newFloor(db, copies *firestore.Client, calls []call, ticket string, ids []string) (*floor, error) {
	f := &floor{db: db, ids: ids}
	for _, c := range calls {
		for _, name := range c.gets {
			f.reads = append(f.reads, relative(name, ticket))
		}
		if c.query != nil {
			q, err := db.Collection("any").Query.Deserialize(c.query)
			if err != nil {
				return nil, err
			}
			f.query = &q
		}
		for _, w := range c.writes {
			out, err := recorded(w, ticket)
			if err != nil {
				return nil, err
			}
			f.writes, f.db = append(f.writes, out), copies
		}
	}
	if direct := len(f.reads)+len(f.writes) > 0; direct == (f.query != nil) {
		return nil, fmt.Errorf("no floor can be made of %d calls: it takes either a query or documents", len(calls))
	}
	return f, nil
}

// relative is a document's path below its database, with mark for the ticket.
func relative(name, ticket string) string {
	_, path, _ := strings.Cut(name, "/documents/")
	if ticket == "" {
		return path
	}
	return strings.Replace(path, "/"+ticket, "/"+mark, 1)
}

// do does it once; i says whose turn it is.
func (f *floor) do(ctx context.Context, i int) error {
	err := f.once(ctx, i)
	if status.Code(err) == codes.Aborted { // the emulator's locks timed out: it is overloaded
		return fmt.Errorf("%w: %v", errBusy, err)
	}
	return err
}

func (f *floor) once(ctx context.Context, i int) error {
	switch {
	case f.query != nil:
		_, err := f.query.Documents(ctx).GetAll()
		return err
	case len(f.writes) > 0:
		return f.db.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
			if len(f.reads) > 0 {
				if _, err := tx.GetAll(f.refs(i)); err != nil {
					return err
				}
			}
			for _, w := range f.writes {
				if err := w.do(f.db, tx, f.place(w, i), i); err != nil {
					return err
				}
			}
			return nil
		})
	case len(f.reads) == 1:
		_, err := f.refs(i)[0].Get(ctx)
		return err
	}
	_, err := f.db.GetAll(ctx, f.refs(i))
	return err
}

func (f *floor) refs(i int) []*firestore.DocumentRef {
	refs := make([]*firestore.DocumentRef, len(f.reads))
	for n, path := range f.reads {
		refs[n] = f.db.Doc(strings.Replace(path, mark, f.ids[i%len(f.ids)], 1))
	}
	return refs
}

// place is where a write goes: to a new document of the same length of name, or to
// the ticket whose turn it is.
func (f *floor) place(w write, i int) string {
	if !w.create {
		return strings.Replace(w.path, mark, f.ids[i%len(f.ids)], 1)
	}
	collection, id, _ := strings.Cut(w.path, "/")
	id = strings.Replace(id, mark, f.ids[0], 1)
	return collection + "/" + strings.ToLower(rand.Text() + rand.Text())[:min(len(id), 52)]
}
