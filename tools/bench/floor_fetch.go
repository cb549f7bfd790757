package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// fetchInput names the requests by provider.
type fetchInput struct {
	Requests recording `json:"requests"`
}

// agentsASecond is how many requests for agents SentinelOne takes in a second (the vendor's rate table). The other
// known limits are beyond what a fleet's few requests reach. No client may ask faster, so no floor does.
const agentsASecond = 25

// fetch sends the requests of each provider one after another, the providers side by side, and throws the answers away.
func fetch(ctx context.Context, in fetchInput) (work, error) {
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		total work
		errs  []error
	)
	began := time.Now()
	for _, list := range in.Requests {
		wait.Go(func() {
			n, err := fetchList(ctx, list)
			mu.Lock()
			defer mu.Unlock()
			total.Requests += len(list)
			total.Bytes += n
			errs = append(errs, err)
		})
	}
	wait.Wait()
	total.Seconds = time.Since(began).Seconds()
	return total, errors.Join(errs...)
}

func fetchList(ctx context.Context, list []*request) (total int64, err error) {
	client := &http.Client{Transport: &http.Transport{}}
	token := ""
	var sent []time.Time           // requests for agents
	cursors := map[string]string{} // of reports, by path: each is of one walk, and good for no other
	for _, one := range list {
		if strings.Contains(one.URL, "/web/api/v2.1/agents") {
			if first := len(sent) - agentsASecond; first >= 0 {
				time.Sleep(time.Until(sent[first].Add(time.Second)))
			}
			sent = append(sent, time.Now())
		}
		n, fresh, err := fetchOne(ctx, client, one, token, cursors)
		total += n
		if err != nil {
			return total, fmt.Errorf("%s %s: %w", one.Method, one.URL, err)
		}
		if fresh != "" {
			token = fresh
		}
	}
	return total, nil
}

// fetchOne sends a request, with the token instead of the recorded one when there is one, and returns the size of the
// answer. The answer to a POST is that of a token endpoint. A report is asked for with the cursor of this walk, which its
// first page gives.
func fetchOne(
	ctx context.Context, client *http.Client, one *request, token string, cursors map[string]string,
) (n int64, fresh string, err error) {
	r, err := http.NewRequestWithContext(ctx, one.Method, one.URL, bytes.NewReader(one.Body))
	if err != nil {
		return 0, "", err
	}
	report := strings.HasPrefix(r.URL.Path, "/v2/queries/")
	if q := r.URL.Query(); report && q.Has("cursor") {
		q.Set("cursor", cursors[r.URL.Path])
		r.URL.RawQuery = q.Encode()
	}
	r.Header = one.Header
	if token != "" && one.Method != http.MethodPost {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	if answer.StatusCode != one.Status {
		return 0, "", fmt.Errorf("status %d instead of %d", answer.StatusCode, one.Status)
	}
	if one.Method == http.MethodPost {
		return readToken(answer.Body, one.Bytes)
	}
	body := bufio.NewReader(answer.Body)
	if report && !r.URL.Query().Has("cursor") {
		begin, _ := body.Peek(256) // what is wrong with the answer is found below
		if name := cursorName().FindSubmatch(begin); name != nil {
			cursors[r.URL.Path] = string(name[1])
		}
	}
	n, err = io.Copy(io.Discard, body)
	return n, "", err
}

// cursorName finds the cursor at the begin of a report's page.
func cursorName() *regexp.Regexp { return regexp.MustCompile(`"cursor":\{"name":"([^"]+)"`) }

// readToken reads the answer of a token endpoint. It counts for what it was when it was recorded: tokens differ in
// length.
func readToken(body io.Reader, recorded int64) (int64, string, error) {
	var answer struct {
		Token string `json:"access_token"`
	}
	err := json.NewDecoder(body).Decode(&answer)
	return recorded, answer.Token, err
}
