// Command storage is the Cloud Storage emulator: fake-gcs-server behind the
// rules of package guard.
//
//	storage -addr HOST:PORT [-data DIR] [-signer ACCOUNT]
//
// Objects live in memory, or in -data DIR, which survives restarts (object
// metadata included, notification settings not). The signer's private key comes in
// STORAGE_EMULATOR_SIGNING_KEY, PKCS #8 in base64. Buckets may notify topics of
// the Pub/Sub emulator that PUBSUB_EMULATOR_HOST names. GET
// /_internal/healthcheck answers 200 when it is ready; SIGTERM ends it.
package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/fsouza/fake-gcs-server/fakestorage"

	"ticketsystem.example/internal/tools/guard"
)

// corsHeaders are the request headers that a browser's signed upload may carry
// beside the usual ones.
var corsHeaders = []string{
	"Authorization", "Content-Disposition", "Content-MD5", "X-Goog-Content-Length-Range",
	"X-Goog-Content-SHA256", "X-Goog-If-Generation-Match", "X-Goog-Meta-Name", "X-Goog-Meta-Uploader",
}

func main() {
	addr := flag.String("addr", "127.0.0.1:4443", "host:port to listen on")
	data := flag.String("data", "", "folder to keep objects in (default: memory)")
	account := flag.String("signer", "", "e-mail address of the account that signs URLs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *addr, *data, *account); err != nil {
		fmt.Fprintln(os.Stderr, "storage:", err)
		os.Exit(1)
	}
}

// serve answers on addr until ctx ends.
func serve(ctx context.Context, addr, data, account string) error {
	key, err := publicKey(os.Getenv("STORAGE_EMULATOR_SIGNING_KEY"))
	if err != nil {
		return err
	}
	fake, err := fakestorage.NewServerWithOptions(fakestorage.Options{
		NoListener:         true,
		Scheme:             "http",
		StorageRoot:        data,
		ExternalURL:        "http://" + addr,
		PublicHost:         addr,
		AllowedCORSHeaders: corsHeaders,
		Writer:             os.Stdout,
	})
	if err != nil {
		return err
	}
	defer fake.Stop()
	server := &http.Server{
		Addr: addr,
		Handler: &guard.Guard{
			Next:   fake.HTTPHandler(),
			Host:   addr,
			Signer: guard.Signer{Account: account, Key: key},
		},
		ReadHeaderTimeout: 10 * time.Second,
	}
	context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = server.Shutdown(grace)
	})
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// publicKey reads the public half of a base64 PKCS #8 RSA key.
func publicKey(encoded string) (*rsa.PublicKey, error) {
	der, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(der) == 0 {
		return nil, errors.New("STORAGE_EMULATOR_SIGNING_KEY must hold a PKCS #8 key in base64")
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("STORAGE_EMULATOR_SIGNING_KEY: %w", err)
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("STORAGE_EMULATOR_SIGNING_KEY is not an RSA key")
	}
	return &private.PublicKey, nil
}
