package emulator

import "os"

// FromEnv returns the suite that the environment describes, run by somebody else,
// for programs and for what outlives a single test; ok is false unless the
// environment names every emulator.
func FromEnv() (suite *Suite, ok bool, err error) {
	for _, variable := range hostVariable {
		if os.Getenv(variable) == "" {
			return nil, false, nil
		}
	}
	suite, err = fromEnv()
	return suite, err == nil, err
}
