// Package firestore keeps documents in Cloud Firestore: it is docdb.Store over the
// low-level client, one gRPC connection for the whole process.
//
// Ideas:
//
//   - A document's version is its update time. Firestore leaves that time alone when a
//     write changes nothing, so each conditional put also notes the version it
//     replaced (_prior): a put on a version always makes a new one.
//   - Names that begin with an underscore are the store's own: _prior, and _expires,
//     the field of the time-to-live policy. Readers don't see them.
//   - A call's cost in CPU is a goal of the product. So values go to and from the wire
//     by hand (encode.go, decode.go), and what the client library adds to a call
//     (retries, telemetry, service configuration) is switched off.
//   - Nothing waits for long. A call has a few seconds in all; a refused connection
//     fails at once and is tried again in the background at least every second, so a
//     database that comes back is used without a restart.
//
// Retries: reads are repeated twice when the database is unavailable. A commit is
// repeated only where a second one can do no harm, and when then a condition fails
// (perhaps by the first one's doing) the answer is fault.Unavailable, never
// docdb.ErrConflict: whoever called from outside decides, and knows by its key.
//
// Rights needed: roles/datastore.user. It does not create indexes or databases, and
// it keeps no cache.
package firestore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	firestore "cloud.google.com/go/firestore/apiv1"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"

	"ticketsystem.example/shared/config"
)

// patience is how long one call may take, with its repetitions.
const patience = 3 * time.Second

// Store is a Firestore database. It is safe for concurrent use.
type Store struct {
	client   *firestore.Client
	database string      // projects/P/databases/D
	root     string      // prefix of every document's name, with a slash at its end
	header   metadata.MD // sent with each call; never changed
}

// Open prepares the connection and returns at once; the first call connects. With
// cfg.FirestoreHost it talks to the emulator there, as its owner.
func Open(cfg config.Config) (*Store, error) { return open(cfg) }

// open lets tests add options, to watch or disturb the connection.
func open(cfg config.Config, extra ...option.ClientOption) (*Store, error) {
	if cfg.Project == "" || cfg.Database == "" {
		return nil, errors.New("firestore: no project or no database is configured")
	}
	s := &Store{database: "projects/" + cfg.Project + "/databases/" + cfg.Database}
	s.root = s.database + "/documents/"
	s.header = metadata.Pairs( // named databases are routed by these
		"google-cloud-resource-prefix", s.database,
		"x-goog-request-params", "project_id="+url.QueryEscape(cfg.Project)+"&database_id="+url.QueryEscape(cfg.Database),
	)
	opts := connection()
	if cfg.FirestoreHost != "" {
		s.header.Set("authorization", "Bearer owner")
		opts = append(opts,
			option.WithEndpoint(cfg.FirestoreHost),
			option.WithoutAuthentication(),
			option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	}
	client, err := firestore.NewClient(context.Background(), append(opts, extra...)...)
	if err != nil {
		return nil, fmt.Errorf("firestore: %w", err)
	}
	client.CallOptions = callOptions()
	s.client = client
	return s, nil
}

// connection is how the process is tied to the service: lean, and quick to notice that
// the other side is gone or back.
func connection() []option.ClientOption {
	dial := []grpc.DialOption{
		grpc.WithDisableServiceConfig(),
		grpc.WithInitialWindowSize(1 << 20), // fixed, so that no pings are sent to find the best size
		grpc.WithInitialConnWindowSize(4 << 20),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: patience,
		}),
		// A connection that died in silence is found out within the first call's time.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: patience / 2}),
	}
	opts := []option.ClientOption{option.WithTelemetryDisabled(), option.WithGRPCConnectionPool(1)}
	for _, d := range dial {
		opts = append(opts, option.WithGRPCDialOption(d))
	}
	return opts
}

// callOptions leave out the client's own deadlines and repetitions: ours are in call.go.
func callOptions() *firestore.CallOptions {
	answers := []gax.CallOption{gax.WithGRPCOptions(grpc.ForceCodecV2(newCodec()))}
	return &firestore.CallOptions{BatchGetDocuments: answers, RunQuery: answers}
}

// Close ends the connection.
func (s *Store) Close() error { return s.client.Close() }
