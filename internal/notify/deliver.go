package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// SignatureHeader holds "sha256=" and the HMAC-SHA256 of the body under the target's secret, in hexadecimal.
const SignatureHeader = "X-Assetgraph-Signature"

// DeliveryHeader holds the id of the message, which is the same when it is sent again.
const DeliveryHeader = "X-Assetgraph-Delivery"

// attemptTime is how long one attempt may take.
const attemptTime = 10 * time.Second

// Sign returns the value of SignatureHeader for a body.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// post sends a body until it is taken, is refused for good, or the context ends. Its error names the target by its host
// alone: the path of a webhook is its secret.
func (n *Notifier) post(ctx context.Context, t *Target, address, id string, body []byte) error {
	pauses := backoff.WithContext(backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(n.pause), backoff.WithMaxElapsedTime(0)), ctx)
	var last error // says more than that the time is over
	err := backoff.Retry(func() error {
		err := n.attempt(ctx, t, address, id, body)
		if ctx.Err() == nil || last == nil {
			last = err
		}
		return err
	}, pauses)
	if err != nil {
		return fmt.Errorf("%s: %w", t.host(), last)
	}
	return nil
}

func (n *Notifier) attempt(ctx context.Context, t *Target, address, id string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return backoff.Permanent(errors.New("the address can't be used"))
	}
	r.Header.Set("User-Agent", "assetgraph")
	r.Header.Set("Content-Type", "application/json")
	if t.Format == Ping {
		r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	if id != "" {
		r.Header.Set(DeliveryHeader, id)
	}
	if t.Secret != "" {
		r.Header.Set(SignatureHeader, Sign(t.Secret, body))
	}
	response, err := n.client.Do(r)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err // without the address
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // so that the connection can be used again
	switch status := response.StatusCode; {
	case status/100 == 2:
		return nil
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status/100 == 5:
		return errors.New(response.Status)
	}
	return backoff.Permanent(errors.New(response.Status))
}

// newClient returns a client that follows no redirect: a signed message goes where it was to go, and nowhere else.
func newClient() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
