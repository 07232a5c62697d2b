package guard_test

import (
	"errors"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
)

func TestFunc(t *testing.T) {
	failed := errors.New("no answer")
	for _, test := range []struct {
		f    func() error
		want string
	}{
		{func() error { return nil }, ""},
		{func() error { return failed }, "no answer"},
		{func() error { panic("a bad decoder") }, "panic: a bad decoder"},
		{func() error { panic(failed) }, "panic: no answer"},
	} {
		got := ""
		if err := guard.Func(test.f)(); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("Func = %q, want %q", got, test.want)
		}
	}
	panicked, ok := errors.AsType[*guard.PanicError](guard.Func(func() error { panic(1) })())
	if !ok || panicked.Value != 1 || len(panicked.Stack) == 0 {
		t.Errorf("Func = %+v, want a PanicError with value and stack", panicked)
	}
}
