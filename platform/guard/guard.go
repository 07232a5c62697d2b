// Package guard turns panics into errors. One bad decoder must not end the process: everything that decodes, counts or renders
// in a goroutine of its own runs guarded.
package guard

import (
	"fmt"
	"runtime/debug"
)

// PanicError is a panic that Func turned into an error.
type PanicError struct {
	Value any
	Stack []byte
}

// Error returns the value of the panic without the stack, which may be long.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Func returns a function that calls f, and returns a PanicError where f panics.
func Func(f func() error) func() error {
	return func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = &PanicError{p, debug.Stack()}
			}
		}()
		return f()
	}
}
