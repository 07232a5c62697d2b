package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// organize is the transformation that orders the columns of a table.
type organize struct {
	ExcludeByName map[string]bool
	IndexByName   map[string]int
	RenameByName  map[string]string
}

func columnsOf(i item) (o organize) {
	for _, t := range i.Transformations {
		if t.ID == "organize" {
			text, _ := json.Marshal(t.Options)
			_ = json.Unmarshal(text, &o)
		}
	}
	return o
}

// headings are the titles of the columns of a table that are seen, in their order, and the name of the first field.
func headings(i item) (titles []string, first string) {
	o := columnsOf(i)
	names := slices.SortedFunc(maps.Keys(o.IndexByName), func(a, b string) int { return o.IndexByName[a] - o.IndexByName[b] })
	for _, name := range names {
		if properties(i, o.RenameByName[name])["custom.hidden"] != true {
			titles = append(titles, o.RenameByName[name])
		}
	}
	return titles, names[0]
}

// properties are what the overrides say of a column.
func properties(i item, title string) map[string]any {
	all := map[string]any{}
	for _, o := range i.FieldConfig.Overrides {
		if o.Matcher.ID == "byName" && o.Matcher.Options == title {
			for _, p := range o.Properties {
				all[p.ID] = p.Value
			}
		}
	}
	return all
}

func statesColumns(_ dashboard, i item) string {
	if i.Type != "table" {
		return ""
	}
	o := columnsOf(i)
	for n, target := range i.Targets {
		name := "Value"
		if len(i.Targets) > 1 {
			name += " #" + target.RefID
		}
		if _, ok := o.IndexByName[name]; !ok {
			return fmt.Sprintf("query %d has no column", n)
		}
	}
	titles, first := headings(i)
	if strings.HasPrefix(first, "Value") && properties(i, titles[0])["mappings"] == nil {
		return fmt.Sprintf("it begins with the number %q, not with what the rows are about", titles[0])
	}
	for _, title := range titles {
		if title[:1] != strings.ToUpper(title[:1]) || strings.Contains(title, "_") {
			return fmt.Sprintf("the heading %q is a raw name", title)
		}
	}
	if !o.ExcludeByName["Time"] || !o.ExcludeByName["platform"] || !o.ExcludeByName["region_code"] {
		return "it shows what the account says already"
	}
	return ""
}

func fitsWidth(_ dashboard, i item) string {
	if i.Type != "table" {
		return ""
	}
	titles, _ := headings(i)
	sum := 0
	for _, title := range titles {
		width, ok := properties(i, title)["custom.width"].(float64)
		if !ok {
			width = least
		}
		if need := float64(16 + 7*len([]rune(title))); width < need {
			return fmt.Sprintf("the heading %q needs %v pixels of %v", title, need, width)
		}
		sum += int(width)
	}
	if have := contentWidth*i.GridPos.W/24 - 24; sum > have {
		return fmt.Sprintf("its columns take %d pixels of %d: the last are cut off", sum, have)
	}
	return ""
}

func saysEmpty(_ dashboard, i item) string {
	if i.FieldConfig == nil {
		return ""
	}
	if i.FieldConfig.Defaults.NoValue == "" {
		return "without data it says nothing"
	}
	if i.Type != "table" {
		return ""
	}
	o := columnsOf(i)
	for name, title := range o.RenameByName {
		if strings.HasPrefix(name, "Value") && properties(i, title)["noValue"] != "–" {
			return fmt.Sprintf("a missing %q is no dash", title)
		}
	}
	return ""
}
