package searchsyntax

import "slices"

// parser turns tokens into clauses by recursive descent. Each function gives a conjunction of disjunctions; not
// says that what it reads is denied.
type parser struct {
	tokens []token
	fields Fields
	depth  int
	unread []Unread
}

func (p *parser) peek() byte {
	if len(p.tokens) == 0 {
		return 0
	}
	return p.tokens[0].kind
}

// any reads alternatives.
func (p *parser) any(not bool) ([][]Term, error) {
	if p.depth++; p.depth > 20 {
		return nil, errTooComplex
	}
	defer func() { p.depth-- }()
	left, err := p.all(not)
	for err == nil && p.peek() == 'O' {
		p.tokens = p.tokens[1:]
		var right [][]Term
		if right, err = p.all(not); err == nil {
			left, err = join(left, right, not)
		}
	}
	return left, err
}

// all reads what must hold together.
func (p *parser) all(not bool) ([][]Term, error) {
	var left [][]Term
	first := true
	for {
		switch p.peek() {
		case 0, 'O', ')':
			if p.peek() == ')' && p.depth == 1 { // a bracket that was never opened
				p.tokens = p.tokens[1:]
				continue
			}
			return left, nil
		case 'A':
			p.tokens = p.tokens[1:]
			continue
		}
		right, err := p.one(not)
		if err != nil {
			return nil, err
		}
		if right == nil {
			continue
		}
		if first {
			left, first = right, false
		} else if left, err = join(left, right, !not); err != nil {
			return nil, err
		}
	}
}

// one reads a term, a bracket or a denial.
func (p *parser) one(not bool) ([][]Term, error) {
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	switch t.kind {
	case 'N':
		if k := p.peek(); k == 0 || k == ')' || k == 'O' || k == 'A' {
			return nil, nil
		}
		return p.one(!not)
	case '(':
		inner, err := p.any(not)
		if err == nil && p.peek() == ')' {
			p.tokens = p.tokens[1:]
		}
		return inner, err
	default:
		if t.alien {
			p.unread = append(p.unread, Unread{Field: t.field, Value: t.value})
			return nil, nil
		}
		terms, err := t.terms(p.fields)
		if err != nil {
			return nil, err
		}
		var clauses [][]Term
		for _, c := range terms {
			c.Not = c.Not != not
			if clauses, err = join(clauses, [][]Term{{c}}, !not); err != nil {
				return nil, err
			}
		}
		return clauses, nil
	}
}

// join puts two conjunctions together: with and they stand side by side; with or each pair of clauses makes one.
func join(left, right [][]Term, and bool) ([][]Term, error) {
	if left == nil {
		return right, nil
	}
	if right == nil {
		return left, nil
	}
	var joined [][]Term
	if and {
		joined = append(slices.Clone(left), right...)
	} else {
		if len(left)*len(right) > maxTerms {
			return nil, errTooComplex
		}
		for _, l := range left {
			for _, r := range right {
				joined = append(joined, append(slices.Clone(l), r...))
			}
		}
	}
	n := 0
	for _, clause := range joined {
		n += len(clause)
	}
	if n > maxTerms {
		return nil, errTooComplex
	}
	return joined, nil
}
