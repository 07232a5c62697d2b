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
