package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"testing"
)

func encode(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestTheSigningKeyIsReadFromItsEncoding(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := publicKey(encode(t, key))
	if err != nil || !public.Equal(&key.PublicKey) {
		t.Errorf("read %v, %v", public, err)
	}
}

func TestAMissingOrForeignSigningKeyIsAnError(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, encoded := range map[string]string{
		"none": "", "no base64": "?", "no key": "AAAA", "no RSA key": encode(t, curve),
	} {
		if key, err := publicKey(encoded); err == nil {
			t.Errorf("%s: read %v", name, key)
		}
	}
}
