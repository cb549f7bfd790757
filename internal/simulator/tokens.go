package simulator

import (
	"fmt"
	"sync"
	"time"
)

// tokens are the access tokens that one authority has given out.
type tokens struct {
	prefix   string
	lifetime time.Duration
	uses     int // 0 = any number

	mu     sync.Mutex
	issued map[string]*grant
}

// A grant is one access token.
type grant struct {
	ends    time.Time
	uses    int
	refused bool
	grace   int // requests that other workers may still send with it after the refusal
}

func newTokens(prefix string, o Options) *tokens {
	return &tokens{prefix: prefix, lifetime: o.TokenLifetime, uses: o.TokenUses, issued: map[string]*grant{}}
}

// issue makes the next token.
func (t *tokens) issue() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := fmt.Sprintf("%s-%d", t.prefix, len(t.issued))
	t.issued[text] = &grant{ends: time.Now().Add(t.lifetime)}
	return text
}

// use reports whether the token is good for one more request. again reports that it was sent although the client
// must know it to be refused; others is how many more requests are under way.
func (t *tokens) use(text string, others int) (good, again bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g, ok := t.issued[text]
	if !ok {
		g = &grant{refused: true, grace: others}
		t.issued[text] = g
		return false, false
	}
	if g.refused {
		g.grace--
		return false, g.grace < 0
	}
	g.uses++
	if time.Now().After(g.ends) || t.uses > 0 && g.uses > t.uses {
		g.refused, g.grace = true, others
		return false, false
	}
	return true, false
}
