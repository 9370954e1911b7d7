package stepper

import (
	"fmt"
	"slices"

	"glasswsgi/inspect"
	"glasswsgi/inspect/follow"
	"glasswsgi/inspect/hub"
)

// follow shows the way of a variable, or of all that were read or found again.
func (s *Stepper) follow(name string) error {
	x, _ := s.hub.Exchange(s.current)
	if x == nil || len(x.Environ) == 0 {
		return fmt.Errorf("there is no environ yet: it comes when the request has been received")
	}
	trails, shown := follow.Of(x), false
	for _, v := range x.Environ {
		if name == "" || name == v.Name {
			shown = s.showWay(x, v, trails) || shown
		}
	}
	switch {
	case shown:
		return nil
	case name == "":
		return fmt.Errorf("no variable was read or found again yet")
	case !slices.ContainsFunc(x.Environ, func(v hub.Variable) bool { return v.Name == name }):
		return fmt.Errorf("there is no variable %s; environ lists them", name)
	}
	return fmt.Errorf("%s was not read by a line that was seen, and its value was not found again", name)
}

// showWay says which lines have read a variable, which variables of the application held its text, and where the same bytes
// are in the response. false: there is nothing to say.
func (s *Stepper) showWay(x *hub.Exchange, v hub.Variable, trails []follow.Trail) bool {
	reads := follow.Reads(x, v.Name)
	trails = slices.DeleteFunc(slices.Clone(trails), func(t follow.Trail) bool { return t.Name != v.Name })
	if len(reads)+len(trails) == 0 {
		return false
	}
	from := ""
	if v.Wire.Len() > 0 {
		from = "  bytes " + v.Wire.String()
	}
	s.print("   %s%s", v.Name, from)
	for _, r := range reads {
		by := ""
		if r.By != nil {
			by = fmt.Sprintf(", from %s", s.at(*r.By))
		}
		s.print("      read at %s %s%s", s.at(r.Place), r.Place.Function, by)
	}
	for _, t := range trails {
		text := inspect.Shorten(fmt.Sprintf("%q", t.Text), lineWidth/2)
		for _, h := range t.Held {
			s.print("      %s in %s of %s, %s", text, h.Name, h.Place.Function, s.at(h.Place))
		}
		for _, r := range t.Response {
			form := ""
			if r.Form != follow.AsIs {
				form = ", " + string(r.Form)
			}
			s.print("      %s: the same in the response, bytes %v%s", text, r.Wire, form)
		}
	}
	return true
}
