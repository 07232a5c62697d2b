package genesys

import (
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// writable returns a definition once for each of its names.
func (d definitionWire) writable() (definitions []platform.PresenceDefinition) {
	one := platform.PresenceDefinition{ID: d.ID, Deactivated: d.Deactivated == true}
	if d.SystemPresence != "" {
		one.System = presenceLabel(d.SystemPresence)
	}
	names := []string{strings.TrimSpace(d.name())}
	for _, language := range slices.Sorted(maps.Keys(d.Labels)) {
		if label := strings.TrimSpace(d.Labels[language]); label != "" && !slices.Contains(names, label) {
			names = append(names, label)
		}
	}
	for _, name := range names {
		one.Name = name
		definitions = append(definitions, one)
	}
	return definitions
}

// readWritten decodes the answer to a batch. An element that cannot be read shows nothing, but has its place. An answer
// without a body shows nothing at all: the platform accepted the request.
func readWritten(dec *rest.Decoder) (answers []userPresenceWire, err error) {
	_, err = rest.List(dec, func(dec *rest.Decoder) error {
		var answer userPresenceWire
		readable, err := rest.Element(dec, &answer)
		if !readable {
			answer = userPresenceWire{}
		}
		answers = append(answers, answer)
		return err
	})
	return answers, accepted(err)
}

// readOneWritten decodes the answer to a single write.
func readOneWritten(dec *rest.Decoder) (answer userPresenceWire, err error) {
	if readable, err := rest.Element(dec, &answer); !readable || err != nil {
		return userPresenceWire{}, accepted(err)
	}
	return answer, nil
}

// accepted drops the error about an empty body.
func accepted(err error) error {
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// written returns the changes that the answers to a batch show as written.
//
// The vendor's documents do not say whose presence an element of the answer is: its id is only called the identifier of the
// object. Where ids are those of users of the batch, they decide, and what has another id shows nothing. Where no id is, an
// element can only stand for the change at its place: it does when there are as many elements as changes, and every one shows
// the definition that was asked for at its place.
func written(changes []platform.PresenceChange, answers []userPresenceWire) (done []platform.PresenceWritten) {
	byUser := map[string]userPresenceWire{}
	for _, answer := range answers {
		byUser[answer.ID] = answer
	}
	byID := slices.ContainsFunc(changes, func(c platform.PresenceChange) bool {
		_, found := byUser[c.Person]
		return found
	})
	if !byID && !inPlace(changes, answers) {
		return nil
	}
	for i, change := range changes {
		answer := byUser[change.Person]
		if !byID {
			answer = answers[i]
		}
		if answer.Definition.ID == change.Definition {
			done = append(done, answer.written(change))
		}
	}
	return done
}

// inPlace reports whether every answer shows the definition of the change at its place.
func inPlace(changes []platform.PresenceChange, answers []userPresenceWire) bool {
	return slices.EqualFunc(changes, answers, func(c platform.PresenceChange, a userPresenceWire) bool {
		return a.Definition.ID == c.Definition
	})
}

// written is a change as an answer shows it.
func (p userPresenceWire) written(change platform.PresenceChange) platform.PresenceWritten {
	return platform.PresenceWritten{PresenceChange: change, Modified: moment(p.Modified, new(platform.Anomalies), "")}
}
