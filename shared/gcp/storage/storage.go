// Package storage keeps files in Cloud Storage: it is blob.Store over Google's client.
// Admin sets up buckets and their notifications where Pulumi doesn't: on a laptop and in
// tests.
//
// Ideas:
//
//   - An upload is one PUT to a V4 signed URL. The type, the exact length and “there is no
//     such object yet” are among the signed headers, so Cloud Storage itself refuses
//     anything else, and a URL that leaks is worth one file that will be checked.
//   - A condition names the generation that is meant, so that nothing that came later is
//     copied, read or deleted in its place.
//   - In production the platform signs for the function's own account (IAM signBlob, one
//     call a link); a laptop has the emulator's key.
//
// Retries: the client repeats what may be repeated, three tries in a few seconds; then
// the answer is fault.Unavailable, and whoever called from outside decides.
//
// Rights needed, by what is used: roles/storage.objectCreator on quarantine and
// objectViewer on clean to sign for, with roles/iam.serviceAccountTokenCreator on the own
// account; roles/storage.objectUser on both to check and to move files, and on the bucket for mails
// to keep and read these.
package storage

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/option"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/config"
)

// Store is the buckets of a project. It is safe for concurrent use.
type Store struct {
	client  *storage.Client
	buckets map[blob.Bucket]string // names in Cloud Storage
	signer  storage.SignedURLOptions
}

// Open prepares the client and returns at once; the first call connects. With
// cfg.StorageHost it talks to the emulator there.
func Open(cfg config.Config) (*Store, error) {
	if (cfg.QuarantineBucket == "" || cfg.CleanBucket == "") && cfg.MailBucket == "" {
		return nil, errors.New("storage: no buckets are configured")
	}
	client, err := newClient(cfg)
	if err != nil {
		return nil, err
	}
	s := &Store{client: client, buckets: map[blob.Bucket]string{blob.Quarantine: cfg.QuarantineBucket, blob.Clean: cfg.CleanBucket, blob.Mail: cfg.MailBucket}}
	s.signer = storage.SignedURLOptions{Scheme: storage.SigningSchemeV4}
	if cfg.StorageHost != "" {
		s.signer.Insecure, s.signer.GoogleAccessID = true, cfg.StorageSigner
		if s.signer.PrivateKey, err = base64.StdEncoding.DecodeString(cfg.StorageKey); err != nil {
			return nil, fmt.Errorf("storage: the signing key: %w", err)
		}
	}
	return s, nil
}

func newClient(cfg config.Config) (*storage.Client, error) {
	opts := []option.ClientOption{option.WithTelemetryDisabled(), storage.WithJSONReads(), storage.WithDisabledClientMetrics()}
	if cfg.StorageHost != "" {
		opts = append(opts, option.WithEndpoint("http://"+cfg.StorageHost+"/storage/v1/"), option.WithoutAuthentication())
	}
	client, err := storage.NewClient(context.Background(), opts...)
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	client.SetRetry(storage.WithMaxAttempts(tries), storage.WithPolicy(storage.RetryIdempotent))
	return client, nil
}

// Close ends the connections.
func (s *Store) Close() error { return s.client.Close() }

// object is the object of that name, whichever generation.
func (s *Store) object(r blob.Ref) *storage.ObjectHandle {
	return s.client.Bucket(s.buckets[r.Bucket]).Object(r.Name)
}

// exactly is the object in the generation that is named, if one is.
func (s *Store) exactly(r blob.Ref) *storage.ObjectHandle {
	if r.Generation == 0 {
		return s.object(r)
	}
	return s.object(r).Generation(r.Generation)
}

// Put implements blob.Store. A put is repeated as a whole, since it replaces.
func (s *Store) Put(ctx context.Context, to blob.Ref, head blob.Head, content []byte) (out blob.Object, err error) {
	if err := blob.Check(to); err != nil {
		return out, err
	}
	err = call(ctx, moving, func(ctx context.Context) error {
		w := s.object(to).Retryer(storage.WithPolicy(storage.RetryAlways)).NewWriter(ctx)
		w.ContentType, w.ContentDisposition = head.Type, head.Disposition
		w.ChunkSize = 0 // one request
		_, err := w.Write(content)
		if err = errors.Join(err, w.Close()); err == nil {
			out = shown(to, w.Attrs())
		}
		return err
	})
	return out, err
}

// Get implements blob.Store.
func (s *Store) Get(ctx context.Context, from blob.Ref, most int64) (content []byte, err error) {
	err = call(ctx, moving, func(ctx context.Context) error {
		r, err := s.exactly(from).NewReader(ctx)
		if err != nil {
			return err
		}
		content, err = io.ReadAll(io.LimitReader(r, most+1))
		return errors.Join(err, r.Close())
	})
	if err == nil && int64(len(content)) > most {
		return nil, blob.TooLarge(from, most)
	}
	return content, err
}

// Stat implements blob.Store.
func (s *Store) Stat(ctx context.Context, of blob.Ref) (out blob.Object, err error) {
	err = call(ctx, brief, func(ctx context.Context) error {
		attrs, err := s.exactly(of).Attrs(ctx)
		if err == nil {
			out = shown(of, attrs)
		}
		return err
	})
	return out, err
}

// Copy implements blob.Store.
func (s *Store) Copy(ctx context.Context, from, to blob.Ref, head blob.Head) (out blob.Object, err error) {
	if err := blob.Check(to); err != nil {
		return out, err
	}
	err = call(ctx, moving, func(ctx context.Context) error {
		c := s.object(to).Retryer(storage.WithPolicy(storage.RetryAlways)).CopierFrom(s.exactly(from))
		c.ContentType, c.ContentDisposition = head.Type, head.Disposition
		attrs, err := c.Run(ctx)
		if err == nil {
			out = shown(to, attrs)
		}
		return err
	})
	return out, err
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, ref blob.Ref) error {
	o := s.object(ref).Retryer(storage.WithPolicy(storage.RetryAlways))
	if ref.Generation != 0 {
		o = o.If(storage.Conditions{GenerationMatch: ref.Generation})
	}
	err := call(ctx, brief, o.Delete)
	return unlessMissing(err)
}

// SignUpload implements blob.Store.
func (s *Store) SignUpload(ctx context.Context, to blob.Ref, u blob.Upload) (blob.Link, error) {
	if err := blob.CheckUpload(to, u); err != nil {
		return blob.Link{}, err
	}
	o := s.signer
	header := blob.UploadHeader(u)
	for name, value := range header {
		if name == "Content-Type" {
			o.ContentType = value
		} else {
			o.Headers = append(o.Headers, name+":"+value)
		}
	}
	slices.Sort(o.Headers)
	url, err := s.sign(ctx, to, http.MethodPut, u.Lifetime, o)
	return blob.Link{Method: http.MethodPut, URL: url, Header: header}, err
}

// SignDownload implements blob.Store.
func (s *Store) SignDownload(ctx context.Context, from blob.Ref, d blob.Download) (blob.Link, error) {
	if err := blob.CheckDownload(from, d); err != nil {
		return blob.Link{}, err
	}
	o := s.signer
	o.QueryParameters = blob.DownloadQuery(d)
	url, err := s.sign(ctx, from, http.MethodGet, d.Lifetime, o)
	return blob.Link{Method: http.MethodGet, URL: url}, err
}

// sign asks for a signature, which in production is a call.
func (s *Store) sign(ctx context.Context, r blob.Ref, method string, life time.Duration, o storage.SignedURLOptions) (url string, err error) {
	o.Method, o.Expires = method, time.Now().Add(life)
	err = call(ctx, brief, func(context.Context) error {
		url, err = s.client.Bucket(s.buckets[r.Bucket]).SignedURL(r.Name, &o)
		return err
	})
	return url, err
}

// shown is what the contract says of an object.
func shown(r blob.Ref, a *storage.ObjectAttrs) blob.Object {
	return blob.Object{
		Ref:  blob.Ref{Bucket: r.Bucket, Name: r.Name, Generation: a.Generation},
		Size: a.Size, Type: a.ContentType, Disposition: a.ContentDisposition,
	}
}
