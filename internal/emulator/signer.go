package emulator

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"os"
)

// Names under which the key that signs URLs is handed to other processes.
const (
	signerVariable     = "STORAGE_EMULATOR_SIGNER"
	signingKeyVariable = "STORAGE_EMULATOR_SIGNING_KEY"
)

// Signer is the account whose signed URLs the Storage emulator accepts. In
// production the platform signs for the function's own account; here each suite
// makes a key of its own.
type Signer struct {
	// Account is an e-mail address: GoogleAccessID of storage.SignedURLOptions.
	Account string
	// Key is an RSA key, PKCS #8 in DER: PrivateKey of storage.SignedURLOptions.
	Key []byte
}

// Signer is the suite's; zero when the suite has no Storage emulator.
func (s *Suite) Signer() Signer { return s.signer }

func newSigner(project string) (Signer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return Signer{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Signer{}, err
	}
	return Signer{Account: "signer@" + project + ".iam.gserviceaccount.com", Key: der}, nil
}

func (g Signer) env() []string {
	if g.Account == "" {
		return nil
	}
	return []string{
		signerVariable + "=" + g.Account,
		signingKeyVariable + "=" + base64.StdEncoding.EncodeToString(g.Key),
	}
}

// signerFromEnv reads what env wrote.
func signerFromEnv() (Signer, error) {
	key, err := base64.StdEncoding.DecodeString(os.Getenv(signingKeyVariable))
	if err != nil {
		return Signer{}, fmt.Errorf("emulator: %s: %w", signingKeyVariable, err)
	}
	return Signer{Account: os.Getenv(signerVariable), Key: key}, nil
}
