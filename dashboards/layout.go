package main

// items lays out the panels: from left to right as long as they fit, and a row above each section. The panels of a closed
// row are inside it.
func (b board) items() []item {
	l := layout{}
	for _, s := range b.sections {
		if s.title == "" {
			l.items, l.y = l.place(s, l.y)
			continue
		}
		l.id++
		row := item{ID: l.id, Type: "row", Title: s.title, Collapsed: &s.closed, Panels: []item{}, GridPos: gridPos{H: 1, W: 24, Y: l.y}}
		panels, below := l.place(s, l.y+1)
		if s.closed {
			row.Panels = panels
			l.items, l.y = append(l.items, row), l.y+1
			continue
		}
		l.items, l.y = append(append(l.items, row), panels...), below
	}
	return l.items
}

type layout struct {
	items []item
	id, y int
}

// place puts the panels of a section below a line and returns the line below them.
func (l *layout) place(s section, y int) (items []item, below int) {
	x, height := 0, 0
	for _, p := range s.panels {
		h := p.h
		if h == 0 {
			h = 8
		}
		if x+p.w > 24 {
			x, y, height = 0, y+height, 0
		}
		l.id++
		i := p.item()
		i.ID, i.GridPos = l.id, gridPos{H: h, W: p.w, X: x, Y: y}
		items = append(items, i)
		x, height = x+p.w, max(height, h)
	}
	return items, y + height
}
