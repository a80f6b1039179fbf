package identity

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
)

// claims is a token's content.
type claims map[string]any

// umas returns what Firebase would put into a token of uma, who signed in ten minutes
// ago and refreshed a minute ago.
func umas() claims {
	return claims{
		"iss": "https://securetoken.google.com/" + project, "aud": project, "sub": "uma", "user_id": "uma",
		"auth_time": secondsAgo(600), "iat": secondsAgo(60), "exp": secondsAgo(-3540),
		"email": "uma@demo.example", "email_verified": true,
		"role": "staff", "departments": []string{"network", "hardware"},
		"firebase": map[string]any{"sign_in_provider": "password"},
	}
}

// but returns the claims with some of them changed; nil removes one.
func (c claims) but(changes claims) claims {
	changed := maps.Clone(c)
	for name, value := range changes {
		if value == nil {
			delete(changed, name)
			continue
		}
		changed[name] = value
	}
	return changed
}

// good is a token that everybody must accept.
func (g *google) good() string { return rs256("key-1", signingKey("key-1"), umas()) }

func rs256(kid string, key *rsa.PrivateKey, c claims) string {
	return signed(claims{"alg": "RS256", "typ": "JWT", "kid": kid}, c, func(content []byte) []byte {
		digest := sha256.Sum256(content)
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
		if err != nil {
			panic(err)
		}
		return signature
	})
}

// hs256 signs with the public key as the secret: the classic confusion.
func hs256(kid string, key *rsa.PrivateKey, c claims) string {
	return signed(claims{"alg": "HS256", "typ": "JWT", "kid": kid}, c, func(content []byte) []byte {
		mac := hmac.New(sha256.New, x509.MarshalPKCS1PublicKey(&key.PublicKey))
		mac.Write(content)
		return mac.Sum(nil)
	})
}

// unsigned is what the emulator issues.
func unsigned(c claims) string {
	return signed(claims{"alg": "none", "typ": "JWT", "kid": "key-1"}, c, func([]byte) []byte { return nil })
}

func signed(header, c claims, sign func([]byte) []byte) string {
	content := segment(header) + "." + segment(c)
	return content + "." + base64.RawURLEncoding.EncodeToString(sign([]byte(content)))
}

func segment(c claims) string {
	data, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(data)
}
