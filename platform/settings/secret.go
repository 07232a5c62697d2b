package settings

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
)

// ReadSecret returns the secret in a file, without blanks and line ends around it and without a byte order mark. A file that is empty,
// that holds more than one line or that is UTF-16 is an error. Errors name the file, never its content.
func ReadSecret(file string) (string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	secret := strings.TrimSpace(string(bytes.TrimPrefix(content, []byte("\ufeff"))))
	switch {
	case secret == "":
		err = errors.New("file is empty")
	case bytes.IndexByte(content, 0) >= 0, strings.HasPrefix(secret, "\xff\xfe"), strings.HasPrefix(secret, "\xfe\xff"):
		err = errors.New("file is UTF-16, save it as UTF-8")
	case strings.ContainsAny(secret, "\r\n"):
		err = errors.New("file holds more than one line")
	default:
		return secret, nil
	}
	return "", fmt.Errorf("%s: %w", file, err)
}

// OneSecret returns what is wrong with a secret that is given as a value under a key, or as a file under the key with _file behind
// it; nil when exactly one is given. The error begins with the key.
func OneSecret(key, value, file string) error {
	switch {
	case value == "" && file == "":
		return fmt.Errorf("%[1]s_file: missing, and no %[1]s either", key)
	case value != "" && file != "":
		return fmt.Errorf("%[1]s_file: given together with %[1]s, expected exactly one", key)
	}
	return nil
}
